import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { reservePort } from './port-reservation.js';
import { processIdentity } from './process/identity.js';

describe('reservePort', () => {
  // Ports 1 to 9 are never chosen: this test takes them from nobody.
  const file = (port: number) => join(tmpdir(), 'soma-ports', `${port}`);

  afterEach(() => [7, 8].forEach((port) => rmSync(file(port), { force: true })));

  it('gives a port to this process again and again', () => {
    expect(reservePort(7)).toBe(true);
    expect(reservePort(7)).toBe(true);
  });

  it('does not give a port that another live process has, and gives it when that process is gone', async () => {
    reservePort(8);
    const other = spawn('sleep', ['60']);
    await once(other, 'spawn');
    const pid = other.pid ?? 0;
    const since = new Date().toISOString();
    writeFileSync(
      file(8),
      JSON.stringify({ pid, identity: processIdentity(pid) ?? '', kind: 'process', since }),
    );
    expect(reservePort(8)).toBe(false);
    other.kill('SIGKILL');
    await once(other, 'exit');
    expect(reservePort(8)).toBe(true);
  });
});
