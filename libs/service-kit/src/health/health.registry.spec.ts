import { once } from 'node:events';
import { type AddressInfo, createConnection, createServer } from 'node:net';
import { metricsPage } from '@soma/telemetry';
import { waitFor } from '@soma/testing';
import { HealthRegistry } from './health.registry.js';

/** A dependency that is there or not: a port on this machine. */
const reach = (port: number) => async (): Promise<void> => {
  const socket = createConnection(port, '127.0.0.1');
  await once(socket, 'connect').finally(() => socket.destroy());
};

const ready = (): HealthRegistry => {
  const health = new HealthRegistry();
  health.enter('ready');
  return health;
};

describe('HealthRegistry', () => {
  it('tells which dependency is down, since when and why', async () => {
    const listener = createServer().listen(0, '127.0.0.1');
    await once(listener, 'listening');
    const { port } = listener.address() as AddressInfo;
    const health = ready();
    health.register({ name: 'there', check: reach(port) });
    health.register({ name: 'not-there', check: reach(1) });
    const report = await health.report();
    expect(report.status).toBe('down');
    expect(report.dependencies).toMatchObject([
      { name: 'there', status: 'up' },
      { name: 'not-there', status: 'down', error: expect.stringContaining('ECONNREFUSED') as string },
    ]);
    const { body } = await metricsPage();
    expect(body).toMatch(/dependency_up\{name="there".*\} 1/);
    expect(body).toMatch(/dependency_up\{name="not-there".*\} 0/);
    listener.close();
    await waitFor(async () => (await health.report()).dependencies[0]?.status === 'down', {
      describe: 'the news',
    });
    expect(Date.parse((await health.report()).dependencies[0]?.since ?? '')).toBeGreaterThan(
      Date.parse(report.dependencies[0]?.since ?? ''),
    );
  });

  it('asks all at once and gives each two seconds', async () => {
    const health = ready();
    let asked = 0;
    const hang = (): Promise<void> => {
      asked += 1;
      return new Promise(() => undefined);
    };
    health.register({ name: 'slow-1', check: hang, critical: false });
    health.register({ name: 'slow-2', check: hang, critical: false });
    const start = performance.now();
    const report = await health.report();
    expect(performance.now() - start).toBeLessThan(2_500);
    expect(report.status).toBe('degraded');
    expect(report.dependencies[0]?.error).toBe('no answer within 2000 ms');
    await health.report();
    expect(asked).toBe(2);
  }, 10_000);

  it('asks once for many who want to know at the same time', async () => {
    const health = ready();
    let asked = 0;
    health.register({ name: 'counted', check: () => Promise.resolve(void (asked += 1)) });
    await Promise.all(Array.from({ length: 50 }, () => health.report()));
    expect(asked).toBe(1);
  });

  it('hides the password in the reason', async () => {
    const health = ready();
    health.register({
      name: 'db',
      check: () => Promise.reject(new Error('cannot reach postgres://u:hush@h/d')),
    });
    expect(JSON.stringify(await health.report())).not.toContain('hush');
  });

  it('refuses a second check of the same name', () => {
    const health = ready();
    health.register({ name: 'twice', check: () => Promise.resolve() });
    expect(() => health.register({ name: 'twice', check: () => Promise.resolve() })).toThrow(
      'registered twice',
    );
  });
});
