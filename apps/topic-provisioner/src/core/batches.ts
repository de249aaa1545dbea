import { largestRequestPartitions } from './plan-topics.js';
import { depthOf } from './references.js';
import type { Change, Mutation } from './types.js';

export type ChangeOf<K extends Mutation['kind']> = Change & {
  readonly mutation: Extract<Mutation, { kind: K }>;
};

/**
 * Kinds in the order in which they are applied: topics before the schemas of their values, a subject's level before its
 * versions, rights when there is something to have rights on, and what takes away last.
 */
const order = [
  'create-topic',
  'add-partitions',
  'set-config',
  'set-level',
  'register-schema',
  'create-acl',
  'set-quota',
  'delete-acl',
  'delete-topic',
] as const satisfies readonly Mutation['kind'][];

export type MutationKind = (typeof order)[number];

/** Changes of one kind that go to the servers, and to the journal, together. */
export interface Batch {
  readonly kind: MutationKind;
  readonly changes: readonly Change[];
}

/** Changes that are recorded together: what a crash leaves in doubt, and one look at the cluster clears up. */
const largestBatch = 2_000;
/** The registry takes one change a request. */
const largestRegistryBatch = 100;
const ofRegistry: readonly string[] = ['set-level', 'register-schema'] satisfies Mutation['kind'][];

/** Partitions that a change makes the controller create. */
const cost = ({ mutation }: Change): number => {
  if (mutation.kind === 'create-topic') return mutation.topic.partitions;
  return mutation.kind === 'add-partitions' ? mutation.count : 0;
};

const cut = (changes: readonly Change[], largest: number): Change[][] => {
  const batches: Change[][] = [];
  let room = 0;
  for (const change of changes) {
    const last = batches.at(-1);
    const price = cost(change);
    if (!last || last.length === largest || price > room) {
      batches.push([change]);
      room = largestRequestPartitions - price;
    } else {
      last.push(change);
      room -= price;
    }
  }
  return batches;
};

/** What has to stand before a change is sent: types that refer to others, and schemas, come after what they refer to. */
const level = ({ mutation }: Change): number =>
  mutation.kind === 'register-schema' ? depthOf(mutation.refersTo) : 0;

/** Divides changes into requests that the brokers take, in the order in which they are applied. */
export const batches = (changes: readonly Change[]): Batch[] => {
  const byKind = Map.groupBy(changes, ({ mutation }) => mutation.kind);
  return order.flatMap((kind) => {
    const largest = ofRegistry.includes(kind) ? largestRegistryBatch : largestBatch;
    const byLevel = [...Map.groupBy(byKind.get(kind) ?? [], level)].toSorted(([a], [b]) => a - b);
    return byLevel.flatMap(([, group]) => cut(group, largest).map((some) => ({ kind, changes: some })));
  });
};
