import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createFeedClient, type FeedClient, type Severity } from '@soma/feed-client';
import { waitFor } from '@soma/testing';
import { type FeedService, startFeed } from './feed-service.js';
import { runSoma } from './run-soma.js';

const bin = fileURLToPath(new URL('../bin/soma.mjs', import.meta.url));

describe('soma feed tail', () => {
  const folder = mkdtempSync(join(tmpdir(), 'soma-tail-'));
  const file = (name: string, text: string): string => {
    const path = join(folder, name);
    writeFileSync(path, text, { mode: 0o600 });
    return path;
  };
  const tokenFile = file('token', 'the-token\n');
  let service: FeedService;
  let feed: FeedClient;

  beforeAll(async () => {
    const ci = {
      id: 'ci',
      sha256: createHash('sha256').update('the-token').digest('hex'),
      squads: ['infra-ops'],
      scopes: ['feed:read', 'feed:write'],
    };
    service = await startFeed(file('tokens.json', JSON.stringify({ tokens: [ci] })));
    feed = createFeedClient({ url: service.url, token: 'the-token' });
    await publish('nightly.passed', 'One', 'info');
    await publish('alert.firing', 'Two', 'critical');
    await publish('nightly.failed', 'Three', 'error');
  }, 90_000);

  afterAll(async () => {
    await service.drop();
    rmSync(folder, { recursive: true });
  }, 60_000);

  const publish = (kind: string, title: string, severity: Severity) =>
    feed.publish({ squads: ['infra-ops'], kind, title, severity });
  const args = (...more: string[]) => [
    'feed', 'tail', '--squad', 'infra-ops', '--token-file', tokenFile, '--url', service.url, ...more,
  ]; // prettier-ignore
  const tail = (...more: string[]) => runSoma(folder, args(...more));
  const titles = (out: string) => [...out.matchAll(/ {2}(\w+) {2}\(ci\)$/gm)].map(([, title]) => title);

  /** A command that runs on, and what it has written. */
  const running = (
    ...more: string[]
  ): { child: ChildProcess; out: () => string; ended: Promise<number | null> } => {
    const child = spawn(process.execPath, [bin, ...args(...more)], { stdio: ['ignore', 'pipe', 'pipe'] });
    let out = '';
    child.stdout.on('data', (bytes: Buffer) => (out += bytes.toString()));
    return { child, out: () => out, ended: new Promise((resolve) => child.once('close', resolve)) };
  };

  it('prints what is there, a line each, without colours where nobody sees them', async () => {
    const { code, out, err } = await tail('--no-follow');
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toMatch(/^\d{4}-\S+Z {2}info {6}nightly\.passed {6}One {2}\(ci\)\n/);
    expect(out).not.toContain('\u001b');
    expect(titles(out)).toEqual(['One', 'Two', 'Three']);
  });

  it('leaves out what is less severe, or of another kind', async () => {
    expect(titles((await tail('--no-follow', '--severity', 'error')).out)).toEqual(['Two', 'Three']);
    expect(titles((await tail('--no-follow', '--kind', 'nightly.*')).out)).toEqual(['One', 'Three']);
    const both = await tail('--no-follow', '--kind', 'nightly.*', '--severity', 'critical');
    expect(both).toMatchObject({ code: 0, out: '' });
  });

  it('prints one JSON object a line, with the cursor to go on behind', async () => {
    const { out } = await tail('--no-follow', '--json', '--count', '2');
    const items = out.trimEnd().split('\n').map((line) => JSON.parse(line) as { cursor: string; notification: { title: string } }); // prettier-ignore
    expect(items.map(({ notification }) => notification.title)).toEqual(['One', 'Two']);
    const rest = await tail('--no-follow', '--after', items[1]?.cursor ?? '');
    expect(titles(rest.out)).toEqual(['Three']);
  });

  it('goes on where the file says, also with --count, and prints nothing twice', async () => {
    const cursorFile = join(folder, 'cursor');
    const seen: (string | undefined)[] = [];
    for (const more of [['--count', '1', '--after', '0'], ['--count', '1'], ['--no-follow']])
      seen.push(...titles((await tail('--cursor-file', cursorFile, ...more)).out));
    expect(seen).toEqual(['One', 'Two', 'Three']);
    expect(readFileSync(cursorFile, 'utf8')).toMatch(/^\S+\n$/);
    expect(await tail('--cursor-file', cursorFile, '--no-follow')).toMatchObject({ code: 0, out: '' });
  });

  it('prints what comes, until SIGINT, which is no error', async () => {
    const { child, out, ended } = running('--after', '0');
    await waitFor(() => titles(out()).length === 3);
    await publish('nightly.passed', 'Four', 'info');
    await waitFor(() => titles(out()).length === 4);
    child.kill('SIGINT');
    expect(await ended).toBe(0);
    expect(titles(out())).toEqual(['One', 'Two', 'Three', 'Four']);
  });

  it('ends without a word when nobody reads any more', async () => {
    const { child, out, ended } = running('--after', '0');
    let err = '';
    child.stderr?.on('data', (bytes: Buffer) => (err += bytes.toString()));
    await waitFor(() => out().includes('One'));
    child.stdout?.destroy();
    await publish('nightly.passed', 'Five', 'info');
    expect(await ended).toBe(0);
    expect(err).toBe('');
  });

  it('says in one line why it cannot read, and exits with 1', async () => {
    const oneLine = (text: string) =>
      expect.stringMatching(new RegExp(`^soma: [^\n]*${text}[^\n]*\n$`)) as string;
    const away = await runSoma(folder, ['feed', 'tail', '--squad', 'infra-ops', '--token-file', tokenFile, '--url', 'http://127.0.0.1:9']); // prettier-ignore
    expect(away).toMatchObject({ code: 1, out: '', err: oneLine('does not answer: ') });
    const stranger = await tail('--token-file', file('other', 'another-token\n'));
    expect(stranger).toMatchObject({ code: 1, err: oneLine('401') });
    const foreign = await tail('--squad', 'slm-execution', '--no-follow');
    expect(foreign).toMatchObject({ code: 1, err: oneLine('403') });
    expect(await tail('--after', 'nonsense')).toMatchObject({ code: 1, err: oneLine('400') });
  });

  it('exits with 2 and everything that is wrong, without asking the feed', async () => {
    const { code, err } = await tail('--since', 'soon', '--severity', 'loud', '--count', '0');
    expect(code).toBe(2);
    for (const option of ['--since soon', '--severity loud', '--count 0']) expect(err).toContain(option);
    expect(await runSoma(folder, ['feed', 'tail'])).toMatchObject({ code: 2 });
  });
});
