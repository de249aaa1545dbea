import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readState } from '@soma/platform';
import { waitFor } from '@soma/testing';

const root = fileURLToPath(new URL('../../..', import.meta.url));
const bin = join(root, 'tools/soma/bin/soma.mjs');

const alive = (pid: number): boolean => {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
};

const answers = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect({ port, host: '127.0.0.1' });
    socket.once('connect', () => (socket.destroy(), resolve(true)));
    socket.once('error', () => resolve(false));
  });

describe('npm start', () => {
  const home = mkdtempSync(join(tmpdir(), 'soma-start-'));

  afterAll(() => rmSync(home, { recursive: true, force: true }));

  const start = () => {
    const { PATH = '', HOME = '' } = process.env;
    const child = spawn(process.execPath, [bin, 'start'], {
      cwd: root,
      env: { PATH, HOME, SOMA_HOME: home },
    });
    let out = '';
    child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (out += chunk.toString()));
    const exited = new Promise<number | NodeJS.Signals | null>((resolve) =>
      child.once('close', (code, signal) => resolve(code ?? signal)),
    );
    return { child, exited, output: () => out };
  };

  /** Everything that runs for this platform: servers, and services by their ports. */
  const footprint = () => {
    const state = readState(home);
    const services = JSON.parse(readFileSync(join(home, 'services.json'), 'utf8')) as Record<string, string>;
    return {
      pids: Object.values(state?.processes ?? {}).map(({ pid }) => pid),
      ports: [
        ...Object.values(state?.ports ?? {}).flatMap((listeners) => Object.values(listeners)),
        ...Object.values(services).map((url) => Number(new URL(url).port)),
      ],
    };
  };

  const nothingLeft = async ({ pids, ports }: ReturnType<typeof footprint>): Promise<void> => {
    await waitFor(() => pids.every((pid) => !alive(pid)), { describe: 'every server to be gone' });
    await waitFor(async () => !(await Promise.all(ports.map(answers))).includes(true), {
      describe: 'every port to be closed',
    });
  };

  const ready = (run: ReturnType<typeof start>) =>
    waitFor(
      () => {
        if (run.child.exitCode !== null) throw new Error(`ended early:\n${run.output()}`);
        return (
          /billing\.events\[\d+\]@\d+/.test(run.output()) && /settings\.changed\[\d+\]@\d+/.test(run.output())
        );
      },
      { timeoutMs: 150_000, describe: 'events in the feed' },
    );

  it('gets from nothing to a feed with events, and Ctrl-C leaves nothing', async () => {
    const run = start();
    await ready(run);
    expect(run.output()).toMatch(/started in \d+\.\d s/);
    const left = footprint();
    expect(left.pids).toHaveLength(8);
    run.child.kill('SIGINT');
    expect(await run.exited).toBe(0);
    expect(run.output()).toContain('everything is stopped');
    await nothingLeft(left);
  }, 240_000);

  it('starts again on what is there, and leaves nothing when it is killed', async () => {
    const run = start();
    await ready(run);
    const left = footprint();
    run.child.kill('SIGKILL');
    await run.exited;
    await nothingLeft(left);
  }, 240_000);
});
