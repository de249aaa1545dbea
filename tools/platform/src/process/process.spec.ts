import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { processIdentity, isAlive } from './identity.js';
import { guardedCommand, serverEnv } from './launch.js';
import { endLeftovers } from './leftovers.js';
import { readLog, rotateLog, tailLog } from './logs.js';
import { claim, readOwner } from './owner.js';
import { defaultPorts } from '../ports.js';
import type { PlatformState } from '../state.js';

const folder = mkdtempSync(join(tmpdir(), 'soma-process-'));
afterAll(() => rmSync(folder, { recursive: true }));

const stateOf = (processes: PlatformState['processes']): PlatformState => ({
  version: 1,
  home: folder,
  updatedAt: '',
  ports: defaultPorts(),
  processes,
  versions: {},
  external: [],
  postgresData: '',
});

describe('guardedCommand', () => {
  const launch = { command: 'postgres', args: ['-D', 'x'], cwd: '/', deathSignal: 'INT' as const };

  it('ties a server to its owner', () => {
    expect(guardedCommand(launch, '/bin/setpriv')).toEqual([
      '/bin/setpriv',
      '--pdeathsig',
      'INT',
      '--',
      'postgres',
      '-D',
      'x',
    ]);
  });

  it('drops rights first: a change of user clears the parent-death signal', () => {
    const command = guardedCommand({ ...launch, runAs: { uid: 101, gid: 104 } }, '/bin/setpriv').join(' ');
    expect(command).toBe(
      '/bin/setpriv --reuid=101 --regid=104 --clear-groups --no-new-privs --pdeathsig INT -- postgres -D x',
    );
  });

  it('does without where there is no setpriv', () => {
    expect(guardedCommand(launch, undefined)).toEqual(['postgres', '-D', 'x']);
  });
});

test('a server never sees our SOMA_ variables', () => {
  expect(serverEnv({ PATH: '/bin', SOMA_KAFKA_PASSWORD: 'x', NODE_OPTIONS: '-r x' }, { A: 'b' })).toEqual({
    PATH: '/bin',
    A: 'b',
  });
});

test('only the very process that was recorded is ended, never another one with its pid', async () => {
  const child = spawn('sleep', ['600']);
  const gone = once(child, 'exit');
  const pid = child.pid ?? 0;
  const identity = processIdentity(pid) ?? '';
  expect(await endLeftovers(stateOf({ redis: { pid, identity: `${identity}0`, command: 'sleep' } }))).toEqual(
    [],
  );
  expect(isAlive({ pid, identity })).toBe(true);
  expect(await endLeftovers(stateOf({ redis: { pid, identity, command: 'sleep' } }))).toEqual(['redis']);
  await gone;
  expect(processIdentity(pid)).toBeUndefined();
});

describe('claim', () => {
  const path = join(folder, 'owner.json');

  it('lets one process in, says who it is, and is free after its release', () => {
    const release = claim(path, 'process');
    expect(readOwner(path)?.pid).toBe(process.pid);
    expect(() => claim(path, 'process')).toThrow(`owned by process ${process.pid}`);
    release();
    expect(readOwner(path)).toBeUndefined();
  });

  it('takes over from a dead owner and from half a file', () => {
    for (const text of [
      `{"pid":${process.pid},"identity":"another boot","kind":"supervisor","since":""}`,
      '{',
    ]) {
      writeFileSync(path, text);
      claim(path, 'process')();
    }
  });
});

describe('logs', () => {
  const path = join(folder, 'server.log');

  it('gives the last lines, and none of a log that is not there', () => {
    expect(tailLog(path, 5)).toEqual([]);
    writeFileSync(path, 'a\nb\nc\n');
    expect(tailLog(path, 2)).toEqual(['b', 'c']);
  });

  it('follows new lines, over a rotation too', async () => {
    const lines = readLog(path, { lines: 1, follow: true });
    expect((await lines.next()).value).toBe('c');
    appendFileSync(path, 'd\n');
    expect((await lines.next()).value).toBe('d');
    rotateLog(path);
    writeFileSync(path, 'e\n');
    expect((await lines.next()).value).toBe('e');
    expect(tailLog(`${path}.1`, 1)).toEqual(['d']);
    await lines.return(undefined);
  });
});
