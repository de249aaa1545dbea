import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { httpJson, spawnService, waitFor } from '../src/index.js';

const fixture = (name: string): string => fileURLToPath(new URL(`fixtures/${name}`, import.meta.url));

const alive = (pid: number): boolean => {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
};

describe('spawnService', () => {
  it('starts a service, talks to it, and stops it', async () => {
    process.env['SECRET_OF_THE_TEST_RUN'] = 'x';
    const service = await spawnService(fixture('service.mjs'));
    const { status, body } = await httpJson(service.url, { body: {}, token: 't' });
    expect(status).toBe(200);
    expect(body).toEqual({ method: 'POST', token: 'Bearer t', inherited: null });
    expect(service.logs()).toContain('listening');
    expect(await service.stop()).toEqual({ code: 0, signal: null });
    expect(alive(service.pid)).toBe(false);
    delete process.env['SECRET_OF_THE_TEST_RUN'];
  });

  it('reports a kill', async () => {
    const service = await spawnService(fixture('service.mjs'));
    service.kill('SIGKILL');
    expect(await service.exited).toEqual({ code: null, signal: 'SIGKILL' });
  });

  it('says how a process ended that did not start, and what it wrote', async () => {
    const failing = spawnService(fixture('service.mjs'), { MODE: 'wrong' });
    await expect(failing).rejects.toMatchObject({ code: 'SERVICE_DID_NOT_START', exit: { code: 78 } });
    await expect(failing).rejects.toThrow('SOMA_X: expected a number');
  });

  it('leaves no service behind when the test run is killed', async () => {
    const parent = spawn(process.execPath, [fixture('parent.mjs'), fixture('service.mjs')], {
      env: {},
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const lines: string[] = [];
    createInterface({ input: parent.stdout }).on('line', (line) => lines.push(line));
    const line = await waitFor(() => lines.find((text) => text.startsWith('pid=')), {
      describe: 'the service',
    });
    const pid = Number(line.slice('pid='.length));
    expect(alive(pid)).toBe(true);
    parent.kill('SIGKILL');
    await waitFor(() => !alive(pid), { describe: 'the service to end with its parent' });
  });
});
