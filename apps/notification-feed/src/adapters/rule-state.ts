import type { Queryable } from '@soma/postgres';
import type { StateKeys } from '../core/rules/batch.js';
import type { Range, Ranges } from '../core/rules/ranges.js';
import type { Sent } from '../core/rules/rate-limit.js';
import { type RulesState, windowId } from '../core/rules/state.js';
import type { WindowTotal } from '../core/rules/windows.js';

/** `{[1,4),[7,8)}`, as PostgreSQL writes a multirange of whole numbers. */
const parseRanges = (text: string): Ranges =>
  [...text.matchAll(/\[(\d+),(\d+)\)/g)].map(([, from = '', to = '']): Range => [BigInt(from), BigInt(to)]);

const formatRanges = (ranges: Ranges): string => `{${ranges.map(([from, to]) => `[${from},${to})`).join()}}`;

const selectDone = `
  SELECT topic, partition, done::text
    FROM rule_progress JOIN jsonb_to_recordset($1::jsonb) AS place (topic text, partition integer)
      USING (topic, partition)`;

const selectWindows = `
  SELECT place.id, count::text, sum::text, told
    FROM rule_window JOIN jsonb_to_recordset($1::jsonb)
        AS place (id integer, rule text, group_values text, starts_at timestamptz)
      USING (rule, group_values, starts_at)`;

const selectSent = `SELECT rule, at::text[], suppressed::text FROM rule_sent WHERE rule = ANY ($1)`;

const windowRows = ({ windows }: StateKeys) =>
  windows.map(({ rule, group, start, end }, id) => ({
    id,
    rule,
    group_values: group,
    starts_at: new Date(start).toISOString(),
    ends_at: new Date(end).toISOString(),
  }));

/** The state of some keys; what was never stored is left out. */
export const loadState = async (transaction: Queryable, keys: StateKeys): Promise<RulesState> => {
  const done = await transaction.query<{ topic: string; partition: number; done: string }>(selectDone, [
    JSON.stringify(keys.places),
  ]);
  const windows =
    keys.windows.length === 0
      ? { rows: [] }
      : await transaction.query<{ id: number; count: string; sum: string; told: boolean }>(selectWindows, [
          JSON.stringify(windowRows(keys)),
        ]);
  const sent =
    keys.rules.length === 0
      ? { rows: [] }
      : await transaction.query<{ rule: string; at: string[]; suppressed: string }>(selectSent, [keys.rules]);
  return {
    done: new Map(done.rows.map((row) => [`${row.topic}/${row.partition}`, parseRanges(row.done)])),
    windows: new Map(
      windows.rows.flatMap(({ id, count, sum, told }): [string, WindowTotal][] => {
        const key = keys.windows[id];
        return key ? [[windowId(key), { count: BigInt(count), sum: BigInt(sum), told }]] : [];
      }),
    ),
    sent: new Map(
      sent.rows.map(({ rule, at, suppressed }): [string, Sent] => [
        rule,
        { at: at.map(Number), suppressed: Number(suppressed) },
      ]),
    ),
  };
};

const upsertDone = `
  INSERT INTO rule_progress (topic, partition, done)
  SELECT topic, partition, done::int8multirange
    FROM jsonb_to_recordset($1::jsonb) AS place (topic text, partition integer, done text)
  ON CONFLICT (topic, partition) DO UPDATE SET done = excluded.done`;

const upsertWindows = `
  INSERT INTO rule_window (rule, group_values, starts_at, ends_at, count, sum, told)
  SELECT rule, group_values, starts_at, ends_at, count, sum, told
    FROM jsonb_to_recordset($1::jsonb)
      AS place (rule text, group_values text, starts_at timestamptz, ends_at timestamptz, count bigint,
                sum numeric, told boolean)
  ON CONFLICT (rule, group_values, starts_at) DO UPDATE
    SET count = excluded.count, sum = excluded.sum, told = excluded.told, touched_at = clock_timestamp()`;

const upsertSent = `
  INSERT INTO rule_sent (rule, at, suppressed)
  SELECT rule, ARRAY(SELECT jsonb_array_elements_text(at)::bigint), suppressed
    FROM jsonb_to_recordset($1::jsonb) AS place (rule text, at jsonb, suppressed bigint)
  ON CONFLICT (rule) DO UPDATE SET at = excluded.at, suppressed = excluded.suppressed`;

const saveAll = async (transaction: Queryable, sql: string, rows: readonly object[]): Promise<void> => {
  if (rows.length > 0) await transaction.query(sql, [JSON.stringify(rows)]);
};

/** Writes the state of these keys. */
export const saveState = async (
  transaction: Queryable,
  keys: StateKeys,
  state: RulesState,
): Promise<void> => {
  const places = keys.places.map(({ topic, partition }) => ({
    topic,
    partition,
    done: formatRanges(state.done.get(`${topic}/${partition}`) ?? []),
  }));
  const rows = windowRows(keys);
  const windows = keys.windows.flatMap((key, index) => {
    const total = state.windows.get(windowId(key));
    if (!total) return [];
    return [{ ...rows[index], count: total.count.toString(), sum: total.sum.toString(), told: total.told }];
  });
  const sent = keys.rules.flatMap((rule) => {
    const one = state.sent.get(rule);
    return one ? [{ rule, at: one.at, suppressed: one.suppressed }] : [];
  });
  await saveAll(transaction, upsertDone, places);
  await saveAll(transaction, upsertWindows, windows);
  await saveAll(transaction, upsertSent, sent);
};
