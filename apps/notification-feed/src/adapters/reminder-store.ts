import type { Postgres, Queryable } from '@soma/postgres';
import {
  type Digest,
  digestKind,
  digestLengths,
  digestNotification,
  digestOrigin,
} from '../core/people/digest.js';
import { dueDigest } from '../core/people/due-digest.js';
import {
  dueEscalations,
  escalatedKind,
  escalationWindow,
  type Unacknowledged,
} from '../core/people/due-escalations.js';
import type { EscalationPlan } from '../core/people/plan-format.js';
import { atLeast } from '../core/severity.js';
import type { Severity } from '../core/notification.js';
import type { ReminderStore } from '../people-ports.js';
import { appendIn, inTurn } from './notification-store.js';
import { audience } from './people-sql.js';

const timeOf = (milliseconds: number): string => new Date(milliseconds).toISOString();

/** Replicas agree on what time it is, and rows carry the same clock's time. */
const clockOf = async (on: Queryable): Promise<number> => {
  const { rows } = await on.query<{ now: Date }>('SELECT clock_timestamp() AS now');
  return rows[0]?.now.getTime() ?? 0;
};

// One statement, so that its parts are of one moment. Partitions are not chosen by position: rows from before positions had
// weeks may be young.
const summary = `
  WITH told AS MATERIALIZED (
    SELECT n.position, n.severity, n.kind, n.title, n.dedupe_key, n.stored_at,
           n.severity = 'critical' AND NOT EXISTS (
             SELECT 1 FROM acknowledgement a WHERE a.squad = $1 AND a.position = n.position) AS waits
      FROM notification_log n
     WHERE n.squads && $2 AND n.stored_at >= $3 AND n.stored_at < $4 AND n.severity = ANY($5) AND n.kind <> $6
  )
  SELECT
    (SELECT coalesce(jsonb_object_agg(severity, count), '{}')
       FROM (SELECT severity, count(*) FROM told GROUP BY 1) each) AS severities,
    (SELECT coalesce(jsonb_agg(each), '[]')
       FROM (SELECT kind, count(*) FROM told GROUP BY 1 ORDER BY 2 DESC, 1 LIMIT $7) each) AS kinds,
    (SELECT count(*)::integer FROM told WHERE waits) AS unacknowledged,
    (SELECT coalesce(jsonb_agg(each), '[]')
       FROM (SELECT position::text, kind, title, floor(extract(epoch FROM stored_at) * 1000)::bigint AS "storedAt"
               FROM told WHERE waits ORDER BY told.position DESC LIMIT $8) each) AS newest,
    (SELECT coalesce(jsonb_agg(each), '[]')
       FROM (SELECT dedupe_key AS "dedupeKey", (array_agg(title ORDER BY position DESC))[1] AS title, count(*)
               FROM told GROUP BY 1 HAVING count(*) > 1 ORDER BY 3 DESC, 1 LIMIT $9) each) AS groups`;

interface Summary extends Pick<Digest, 'severities' | 'kinds' | 'groups'> {
  readonly unacknowledged: number;
  readonly newest: Digest['unacknowledged']['notifications'];
}

const digestOf = async (
  on: Queryable,
  squad: string,
  from: number,
  to: number,
  asked: readonly Severity[],
): Promise<Digest> => {
  const { kinds, unacknowledged, groups } = digestLengths;
  const { rows } = await on.query<Summary>(summary, [
    squad,
    audience(squad),
    timeOf(from),
    timeOf(to),
    asked,
    digestKind,
    kinds,
    unacknowledged,
    groups,
  ]);
  const [row] = rows;
  if (!row) throw new Error('a statement without FROM has one row');
  return {
    squad,
    from,
    to,
    severities: row.severities,
    kinds: row.kinds,
    unacknowledged: { count: row.unacknowledged, notifications: row.newest },
    groups: row.groups,
  };
};

const handledOf = async (on: Queryable, squad: string): Promise<number | undefined> => {
  const { rows } = await on.query<{ handled: Date }>('SELECT handled FROM digest WHERE squad = $1', [squad]);
  return rows[0]?.handled.getTime();
};

/** In order, and few at a time: the feed's writers wait meanwhile. */
const most = 200;

const unacknowledged = `
  SELECT n.position, n.source, n.kind, n.severity, n.title, n.body, n.link, n.dedupe_key AS "dedupeKey",
         n.stored_at AS "storedAt"
    FROM notification_log n
   WHERE n.severity = 'critical' AND n.squads && $2 AND n.stored_at > $3 AND n.stored_at <= $4 AND n.kind <> $5
     AND ($6::text[] IS NULL OR EXISTS (
           SELECT 1 FROM unnest($6::text[]) AS wanted (kind)
            WHERE wanted.kind = n.kind OR (wanted.kind LIKE '%.*' AND starts_with(n.kind, left(wanted.kind, -1)))))
     AND NOT EXISTS (SELECT 1 FROM acknowledgement a WHERE a.squad = $1 AND a.position = n.position)
     AND NOT EXISTS (SELECT 1 FROM escalation e WHERE e.squad = $1 AND e.position = n.position)
   ORDER BY n.position LIMIT ${most}`;

const unacknowledgedOf = async (
  on: Queryable,
  squad: string,
  plan: EscalationPlan,
  now: number,
): Promise<readonly Unacknowledged[]> => {
  const { from, to } = escalationWindow(plan, now);
  const { rows } = await on.query<Omit<Unacknowledged, 'storedAt'> & { storedAt: Date }>(unacknowledged, [
    squad,
    audience(squad),
    timeOf(from),
    timeOf(to),
    escalatedKind,
    plan.kinds ?? null,
  ]);
  return rows.map((row) => ({ ...row, storedAt: row.storedAt.getTime() }));
};

/** Digests and escalations in PostgreSQL. A look that finds nothing does not hold up the feed's writers. */
export const createReminderStore = (postgres: Postgres): ReminderStore => ({
  digest: (squad, from, to, asked) => digestOf(postgres, squad, from, to, asked),

  tellDigest: async ({ squad, digest: plan }) => {
    if (!plan) return false;
    const due = async (on: Queryable) => dueDigest(plan, await handledOf(on, squad), await clockOf(on));
    if (!(await due(postgres))) return false;
    // In turn: no writer is at work whose rows belong to the time before and are not to be seen yet.
    return inTurn(postgres, async (transaction) => {
      const still = await due(transaction);
      if (!still) return false;
      const { from, at } = still;
      const digest = await digestOf(transaction, squad, from, at, atLeast(plan.minSeverity));
      await transaction.query(
        `INSERT INTO digest (squad, handled) VALUES ($1, $2)
         ON CONFLICT (squad) DO UPDATE SET handled = excluded.handled`,
        [squad, timeOf(at)],
      );
      const notification = digestNotification(digest, plan.timeZone);
      if (!notification) return false;
      const [placement] = await appendIn(transaction, [{ origin: digestOrigin(squad, at), notification }]);
      return placement?.isNew ?? false;
    });
  },

  tellEscalations: async ({ squad, escalation: plan }) => {
    if (!plan) return 0;
    const waiting = await unacknowledgedOf(postgres, squad, plan, await clockOf(postgres));
    if (waiting.length === 0) return 0;
    return inTurn(postgres, async (transaction) => {
      const now = await clockOf(transaction);
      const found = await unacknowledgedOf(transaction, squad, plan, now);
      const entries = dueEscalations(squad, plan, found, now);
      if (entries.length === 0) return 0;
      const placements = await appendIn(transaction, entries);
      await transaction.query(
        'INSERT INTO escalation (squad, position) SELECT $1, unnest($2::bigint[]) ON CONFLICT DO NOTHING',
        [squad, entries.map(({ notification }) => notification.metadata['position'])],
      );
      return placements.filter(({ isNew }) => isNew).length;
    });
  },
});
