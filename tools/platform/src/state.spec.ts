import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defaultPorts } from './ports.js';
import { parseState, readState, writeState } from './state.js';

const home = mkdtempSync(join(tmpdir(), 'soma-state-'));
afterAll(() => rmSync(home, { recursive: true }));

test('what is written is read back; before that there is nothing', () => {
  expect(readState(home)).toBeUndefined();
  const state = {
    version: 1 as const,
    home,
    updatedAt: '',
    ports: defaultPorts(),
    processes: { redis: { pid: 12, identity: 'boot:34', command: 'redis-server' } },
    versions: { kafka: '4.1.0' },
    external: [],
    postgresData: join(home, 'data/postgres'),
  };
  writeState(state);
  const { updatedAt, ...rest } = readState(home) ?? {};
  expect(rest).toEqual({ ...state, updatedAt: undefined });
  expect(Date.parse(updatedAt ?? '')).toBeGreaterThan(0);
});

test.each([
  ['{"version":1}', 'home'],
  ['{"version":1,', 'JSON'],
  ['{"version":2}', 'version'],
])('%s is refused with the file, the reason and the way out', (text, reason) => {
  expect(() => parseState(text, '/x/platform.json')).toThrow(/^\/x\/platform\.json cannot be read/);
  expect(() => parseState(text, '/x/platform.json')).toThrow(reason);
  expect(() => parseState(text, '/x/platform.json')).toThrow('npx soma reset');
});
