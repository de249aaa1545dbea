import fc from 'fast-check';
import { type Digest, digestBody, digestNotification, digestOrigin } from './digest.js';

const monday = Date.UTC(2026, 5, 8, 6);

const digest: Digest = {
  squad: 'infra-ops',
  from: Date.UTC(2026, 5, 1, 6),
  to: monday,
  severities: { info: 40, critical: 2, warning: 1 },
  kinds: [
    { kind: 'settings.changed', count: 40 },
    { kind: 'rotation.failed', count: 2 },
  ],
  unacknowledged: {
    count: 22,
    notifications: [
      {
        position: '412',
        kind: 'rotation.failed',
        title: 'Rotation of *kafka* failed',
        storedAt: Date.UTC(2026, 5, 3, 22, 5),
      },
    ],
  },
  groups: [{ dedupeKey: 'rotation/kafka', title: 'Rotation of *kafka* failed', count: 2 }],
};

it('says what waits first, then what came often, by the clocks of the squad', () => {
  expect(digestBody(digest, 'Europe/Berlin')).toBe(
    String.raw`43 notifications from Mon 1 Jun 2026, 08:00 to Mon 8 Jun 2026, 08:00 (Europe/Berlin): 2 critical, 1 warning, 40 info.

### Not acknowledged

- **Rotation of \*kafka\* failed** (rotation.failed, Thu 4 Jun 2026, 00:05, position 412)
- and 21 more

### More than once

- 2 × Rotation of \*kafka\* failed (rotation/kafka)

### By kind

- 40 × settings.changed
- 2 × rotation.failed
- and 1 more`,
  );
});

it('is one notification of the squad, or none where nothing happened', () => {
  expect(digestNotification(digest, 'UTC')).toMatchObject({
    squads: ['infra-ops'],
    kind: 'feed.digest',
    severity: 'info',
    title: 'Digest of infra-ops: 43 notifications, 22 critical not acknowledged',
    dedupeKey: 'digest/infra-ops',
    metadata: { from: '2026-06-01T06:00:00.000Z', to: '2026-06-08T06:00:00.000Z' },
    happenedAt: monday,
  });
  const none = { count: 0, notifications: [] };
  const empty: Digest = { ...digest, severities: {}, kinds: [], unacknowledged: none, groups: [] };
  expect(digestNotification(empty, 'UTC')).toBeUndefined();
  expect(digestBody(empty, 'UTC')).toBe(
    '0 notifications from Mon 1 Jun 2026, 06:00 to Mon 8 Jun 2026, 06:00 (UTC).',
  );
  expect(digestOrigin('infra-ops', monday)).toBe('digest:infra-ops:2026-06-08T06:00:00.000Z');
});

it('lets no title, kind or key begin a line or a link of its own', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      const group = { dedupeKey: text, title: text, count: 2 };
      const one = { position: '1', kind: text, title: text, storedAt: monday };
      const body = digestBody(
        {
          ...digest,
          kinds: [{ kind: text, count: 43 }],
          groups: [group],
          unacknowledged: { count: 1, notifications: [one] },
        },
        'UTC',
      );
      expect(body.split('\n')).toHaveLength(13);
      expect(body.replaceAll(/^### /gm, '').replaceAll(/\\./gsu, '')).not.toMatch(/[\][<>`|~#!]/);
    }),
  );
});
