import { shellBlocks } from './core/shell-blocks.js';
import { runShell } from './shell.js';

const options = { cwd: process.cwd(), limitMs: 20_000 };

describe('shellBlocks', () => {
  it('takes blocks tagged sh and no others', () => {
    const page = '```sh\necho a\n```\n```console\n$ npm start\n```\n```sh\n```\n```shell\nno\n```';
    expect(shellBlocks('a.md', page)).toEqual([{ file: 'a.md', line: 2, script: 'echo a' }]);
  });
});

describe('runShell', () => {
  it('keeps what was written, and fails with the first command that does', async () => {
    expect(await runShell('echo one; echo two >&2', options)).toMatchObject({
      ok: true,
      output: 'one\ntwo\n',
    });
    expect(await runShell('echo one\nfalse\necho two', options)).toMatchObject({
      ok: false,
      output: 'one\n',
    });
    expect(await runShell('false | cat', options)).toMatchObject({ ok: false });
    expect(await runShell('echo "$not_set_anywhere"', options)).toMatchObject({ ok: false });
  });

  it('ends a script that does not end, with what it started', async () => {
    const { ok, output } = await runShell('sleep 600 | sleep 600', { ...options, limitMs: 200 });
    expect(ok).toBe(false);
    expect(output).toContain('no end after 0.2 s');
  });
});
