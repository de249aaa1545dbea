import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { httpJson } from '@soma/testing';
import { type FeedService, startFeed } from './feed-service.js';
import { runSoma } from './run-soma.js';

describe('soma feed publish', () => {
  const folder = mkdtempSync(join(tmpdir(), 'soma-publish-'));
  const file = (name: string, text: string): string => {
    const path = join(folder, name);
    writeFileSync(path, text, { mode: 0o600 });
    return path;
  };
  const tokenFile = file('token', 'the-token\n');
  let feed: FeedService;

  beforeAll(async () => {
    const ci = {
      id: 'ci',
      sha256: createHash('sha256').update('the-token').digest('hex'),
      squads: ['infra-ops'],
      scopes: ['feed:read', 'feed:write'],
    };
    feed = await startFeed(file('tokens.json', JSON.stringify({ tokens: [ci] })));
  }, 90_000);

  afterAll(async () => {
    await feed.drop();
    rmSync(folder, { recursive: true });
  }, 60_000);

  const publish = (...args: string[]) =>
    runSoma(folder, ['feed', 'publish', '--token-file', tokenFile, '--url', feed.url, ...args]);
  const nightly = ['--squad', 'infra-ops', '--kind', 'nightly.finished', '--title', 'Nightly passed'];
  const rows = async () => {
    const url = `${feed.url}/v1/notifications?squad=infra-ops&after=0`;
    const { body } = await httpJson(url, { token: 'the-token' });
    return (body as { notifications: Record<string, unknown>[] }).notifications;
  };

  it('stores a notification once per key, and says so', async () => {
    const first = await publish(...nightly, '--severity', 'warning', '--key', 'nightly/1');
    expect(first).toMatchObject({ code: 0, err: '' });
    expect(first.out).toMatch(/^stored at position \d+\n$/);
    const again = await publish(...nightly, '--key', 'nightly/1');
    expect(again).toMatchObject({ code: 0, out: first.out.replace('stored', 'there already') });
    expect(await rows()).toMatchObject([{ title: 'Nightly passed', source: 'ci', severity: 'warning' }]);
  });

  it('stores the lines of a file, whose gaps the options fill', async () => {
    const lines = [
      { title: 'One', dedupe_key: 'line/1' },
      { title: 'Two', kind: 'line.other' },
    ];
    const path = file('events.jsonl', `${lines.map((line) => JSON.stringify(line)).join('\n\n')}\n`);
    const { code, out } = await publish('--squad', 'infra-ops', '--kind', 'line', '--file', path, '--json');
    expect(code).toBe(0);
    expect(JSON.parse(out)).toMatchObject({ notifications: [{ new: true }, { new: true }] });
    expect((await rows()).slice(-2)).toMatchObject([
      { title: 'One', kind: 'line' },
      { title: 'Two', kind: 'line.other' },
    ]);
  });

  it("stores the result of a workflow's run, once per attempt", async () => {
    const run = {
      id: 7,
      run_number: 3,
      run_attempt: 1,
      name: 'Build',
      conclusion: 'failure',
      event: 'push',
      head_branch: 'main',
      head_sha: 'c41d',
      html_url: 'https://github.com/octo-org/octo-repo/actions/runs/7',
      updated_at: '2026-06-01T08:00:00Z',
    };
    const repository = { full_name: 'octo-org/octo-repo' };
    const send = (attempt: number) => {
      const event = { workflow_run: { ...run, run_attempt: attempt }, repository };
      return publish('--squad', 'infra-ops', '--workflow-run', file('run.json', JSON.stringify(event)));
    };
    for (const attempt of [1, 1, 2]) expect((await send(attempt)).code).toBe(0);
    expect((await rows()).filter(({ kind }) => kind === 'ci.workflow')).toMatchObject([
      { severity: 'error', title: 'Build #3 on main: failure', link: run.html_url },
      { metadata: { attempt: '2' } },
    ]);
  });

  it('exits with 1 and every reason when the feed refuses, and when it does not answer', async () => {
    const foreign = await publish(...nightly, '--squad', 'slm-execution');
    expect(foreign).toMatchObject({ code: 1, err: expect.stringContaining('slm-execution') as string });
    const wrong = await publish(...nightly, '--link', 'x', '--severity', 'loud');
    expect(wrong.code).toBe(1);
    expect(wrong.err).toContain('0.link: an absolute http or https URL');
    expect(wrong.err).toContain('0.severity: one of info');
    const away = await publish(...nightly, '--url', 'http://127.0.0.1:9');
    expect(away).toMatchObject({ code: 1, err: expect.stringContaining('does not answer') as string });
  });

  it('exits with 2 and everything that is missing, without asking the feed', async () => {
    const nothing = await publish();
    expect(nothing.code).toBe(2);
    for (const option of ['--squad', '--kind', '--title']) expect(nothing.err).toContain(`${option} <`);
    const noJson = await publish('--file', file('bad.jsonl', '{"title":"x"}\nnope\n'));
    expect(noJson).toMatchObject({
      code: 2,
      err: expect.stringContaining('bad.jsonl:2: not JSON') as string,
    });
    const running = file('running.json', JSON.stringify({ workflow_run: { conclusion: null } }));
    const early = await publish('--squad', 'infra-ops', '--workflow-run', running);
    expect(early).toMatchObject({ code: 2, err: expect.stringContaining('not completed') as string });
  });
});
