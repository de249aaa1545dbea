import type { Notification } from '@soma/feed-client';
import { feedLine, gapLine } from './feed-line.js';

const notification: Notification = {
  position: '7',
  squads: ['infra-ops'],
  source: 'ci',
  kind: 'nightly.failed',
  severity: 'error',
  title: 'Nightly failed',
  body: '',
  link: null,
  dedupe_key: 'nightly/1',
  metadata: {},
  happened_at: '2026-06-01T08:00:00.000Z',
  stored_at: '2026-06-01T08:00:01.000Z',
  event: null,
};

describe('feedLine', () => {
  it('says when, how bad, what, and from where', () => {
    expect(feedLine(notification)).toBe(
      '2026-06-01T08:00:00.000Z  error     nightly.failed      Nightly failed  (ci)',
    );
    const event = { topic: 'infra.notifications', partition: 3, offset: '41' };
    expect(feedLine({ ...notification, event })).toContain('(infra.notifications[3]@41)');
  });

  it('lets nobody write to the terminal', () => {
    const line = feedLine({ ...notification, title: 'a\u001b[2Jb\nc\u202ed', source: '\u009b1m' });
    expect(line).toContain('a [2Jb c d');
    expect(line).not.toMatch(/[\p{Cc}\p{Bidi_Control}]/u);
  });
});

describe('gapLine', () => {
  it('says from where to where, and why', () => {
    expect(gapLine({ from: 'e1.1', to: 'e1.9', reason: 'retention', severities: ['info', 'warning'] })).toBe(
      'GAP: notifications (info, warning) behind e1.1 up to e1.9 are missing: they are no longer kept',
    );
    expect(gapLine({ from: 'e1.1', to: 'e2.0', reason: 'else' })).toBe(
      'GAP: notifications behind e1.1 up to e2.0 are missing: else',
    );
  });
});
