import { channelStands, driftNotification, type Untold } from './drift-notification.js';
import type { Change } from './types.js';

const untold: Untold = {
  id: '5f0c',
  news: 'appeared',
  at: 1_780_300_800_000,
  part: 'topics',
  resource: 'settings.changed',
  field: 'retention.ms',
  owner: 'identity-settings',
  class: 'safe',
  before: '3600000',
  after: '2592000000',
  reason: 'a higher value keeps or protects more than today',
  refused: null,
};

describe('driftNotification', () => {
  it('says what has drifted, from what to what, why and what to do', () => {
    expect(driftNotification(untold, 'cluster-1')).toEqual({
      squads: ['identity-settings'],
      source: 'topic-provisioner',
      kind: 'topics.drift',
      severity: 'info',
      title: 'Topic settings.changed is not as the catalogue declares: retention.ms',
      body: [
        '`retention.ms`: `3600000` → `2592000000` (safe).',
        'Why this class: a higher value keeps or protects more than today.',
        'What to do: `npx soma topics apply` brings it back and loses nothing; or declare what stands.',
      ].join('\n\n'),
      link: null,
      dedupe_key: 'drift/settings.changed/retention.ms/5f0c',
      metadata: { cluster: 'cluster-1', resource: 'settings.changed', field: 'retention.ms', class: 'safe' },
      at: 1_780_300_800_000,
    });
  });

  it('says when it is over, under a key of its own', () => {
    expect(
      driftNotification({ ...untold, news: 'resolved', class: 'destructive' }, 'cluster-1'),
    ).toMatchObject({
      kind: 'topics.drift.resolved',
      severity: 'info',
      title: 'Topic settings.changed is as declared again: retention.ms',
      dedupe_key: 'drift/settings.changed/retention.ms/5f0c/resolved',
    });
  });

  it.each([
    ['create', 'info'],
    ['safe', 'info'],
    ['unsafe', 'warning'],
    ['unknown', 'warning'],
    ['unsupported', 'warning'],
    ['destructive', 'error'],
  ] as const)('takes %s for %s', (kind, severity) => {
    expect(driftNotification({ ...untold, class: kind }, 'c')).toMatchObject({ severity });
  });

  it('says what to do instead where nothing can bring it back', () => {
    const refused = 'declare 5, or move producers and consumers to a new topic';
    const { body } = driftNotification({ ...untold, class: 'unsupported', refused }, 'c');
    expect(body).toContain(`What to do: ${refused}.`);
  });
});

describe('channelStands', () => {
  const missing = (resource: string, field: string): Change => ({
    part: 'topics',
    resource,
    field,
    before: null,
    after: 'there',
    class: 'create',
    reason: 'it is missing',
    mutation: { kind: 'none' },
  });

  it('is false while the topic or the schema of notifications is missing', () => {
    expect(channelStands([], 'p.')).toBe(true);
    expect(channelStands([missing('p.infra.notifications', 'topic')], 'p.')).toBe(false);
    expect(channelStands([missing('p.infra.notifications-value', 'schema')], 'p.')).toBe(false);
    expect(channelStands([missing('infra.notifications', 'topic')], 'p.')).toBe(true);
    expect(channelStands([missing('p.infra.notifications', 'retention.ms')], 'p.')).toBe(true);
  });
});
