import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { httpJson, ServiceDidNotStart, type SpawnedService, spawnService, waitFor } from '@soma/testing';

const entry = fileURLToPath(new URL('fixtures/service.mjs', import.meta.url));
const valid = { SOMA_NUMBER: '1', SOMA_PASSWORD: 'long-enough' };
const start = (env: Record<string, string> = {}): Promise<SpawnedService> =>
  spawnService(entry, { ...valid, ...env });

describe('bootstrap', () => {
  it('listens on loopback alone, and exits with 0 after SIGTERM', async () => {
    const service = await start();
    expect(service.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
    expect((await httpJson(`${service.url}/health/ready`)).status).toBe(200);
    expect(await service.stop()).toEqual({ code: 0, signal: null });
    expect(service.logs()).toContain('"msg":"stopped"');
    expect(service.logs()).toContain('no token of theirs is accepted');
  });

  it('names every wrong variable and exits with 78', async () => {
    const failing = spawnService(entry, {
      SOMA_NUMBER: 'seven',
      SOMA_PASSWORD: 'hush',
      SOMA_HTTP_PORT: '70000',
    });
    const error = await failing.then(
      () => undefined,
      (caught: unknown) => caught as ServiceDidNotStart,
    );
    expect(error?.exit).toEqual({ code: 78, signal: null });
    expect(error?.logs).toContain('fixture 1.2.3 cannot start: the configuration has 3 problems:');
    expect(error?.logs).toContain('SOMA_NUMBER: expected a number; given seven; ');
    expect(error?.logs).toContain('SOMA_PASSWORD: expected at least eight letters; given (hidden); ');
    expect(error?.logs).toContain('SOMA_HTTP_PORT: ');
    expect(error?.logs).not.toContain('hush');
  });

  it('exits with 1 when its port is taken', async () => {
    const first = await start();
    const second = start({ SOMA_HTTP_PORT: new URL(first.url).port });
    await expect(second).rejects.toMatchObject({ exit: { code: 1 } });
    await first.stop();
  });

  it.each(['throw', 'reject'])('logs an error that nobody caught (%s) and exits with 1', async (mode) => {
    const service = await start({ MODE: mode });
    expect(await service.exited).toEqual({ code: 1, signal: null });
    expect(service.logs()).toContain('at nobody');
    expect(service.logs()).toContain('"level":"fatal"');
  });

  it('exits with 1 when the shutdown takes too long', async () => {
    const service = await start({ MODE: 'hang', SOMA_SHUTDOWN_TIMEOUT_MS: '200' });
    expect(await service.stop()).toEqual({ code: 1, signal: null });
    expect(service.logs()).toContain('the shutdown took too long');
  });

  it('waits with a signal that comes during the start until it can stop in order', async () => {
    const child = spawn(process.execPath, [entry], {
      env: { ...valid, MODE: 'slow-start' },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    let written = '';
    child.stdout.on('data', (chunk: Buffer) => (written += chunk.toString()));
    await waitFor(() => written.includes('starting slowly'));
    child.kill('SIGTERM');
    const [code] = (await once(child, 'close')) as [number | null];
    expect(code).toBe(0);
    expect(written).toContain('"msg":"stopped"');
  });

  it('ends at once at a second signal', async () => {
    const service = await start({ MODE: 'hang' });
    service.kill('SIGINT');
    await waitFor(() => service.logs().includes('"signal":"SIGINT"'));
    service.kill('SIGINT');
    expect(await service.exited).toEqual({ code: 1, signal: null });
  });
});
