import { createHash } from 'node:crypto';
import { type Change, changeId, type Plan } from './types.js';

/** The same value with its keys in one order: a database may keep them in another. */
const ordered = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(ordered);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, inner]) => [key, ordered(inner)]));
};

/** What a change says, without what grows by itself: the records of a topic and the lag of its readers. */
const essence = ({ touches: _, before, ...change }: Change): unknown =>
  ordered({ ...change, before: change.mutation.kind === 'delete-topic' ? 'there' : before });

/**
 * Identifies what a plan is about to do and on what it is based: the cluster, and of each change the state before, the
 * state after and its class. Two plans of the same catalogue and the same cluster state have the same one.
 */
export const fingerprint = ({ clusterId, changes }: Plan): string => {
  const hash = createHash('sha256').update(`[${JSON.stringify(clusterId)},[`);
  // Change by change: the text of a large plan in one piece would be the largest thing in the process.
  changes.forEach((change, index) => {
    hash.update(`${index === 0 ? '' : ','}${JSON.stringify(essence(change))}`);
  });
  return hash.update(']]').digest('hex');
};

const state = ({ before, after, class: kind, refused }: Change): string =>
  `${before ?? '–'} → ${after ?? '–'} (${refused === undefined ? kind : `${kind}, refused: ${refused}`})`;

/** Every way in which a plan made now differs from one that was made before, a line each. */
export const moved = (then: Plan, now: Plan): string[] => {
  if (then.clusterId !== now.clusterId) {
    return [`the plan is for cluster ${then.clusterId}, this is cluster ${now.clusterId}`];
  }
  const before = new Map(then.changes.map((change) => [changeId(change), change]));
  const after = new Map(now.changes.map((change) => [changeId(change), change]));
  const lines = [...new Set([...before.keys(), ...after.keys()])].flatMap((id) => {
    const [planned, current] = [before.get(id), after.get(id)];
    if (!planned) return current ? [`${id} is new: ${state(current)}`] : [];
    if (!current) return [`${id} needs no change any more; it was ${state(planned)}`];
    if (JSON.stringify(essence(planned)) === JSON.stringify(essence(current))) return [];
    return [`${id} was ${state(planned)}, is ${state(current)}`];
  });
  return lines;
};
