import type { Outcome } from '@soma/kafka';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Batch, batches, type ChangeOf } from './core/batches.js';
import type { Change } from './core/types.js';
import type { Applied, Run } from './ports.js';
import { send, type Servers } from './send.js';

/** The controller is moving: the same request is worth sending again. */
const passing = new Set(['NOT_CONTROLLER', 'REQUEST_TIMED_OUT', 'BROKER_NOT_AVAILABLE', 'NO_ANSWER']);
const passingWithinMs = 60_000;
const sendAgainMs = 250;

const isPassing = ({ outcome }: Applied): boolean => !outcome.ok && passing.has(outcome.error);

/** Sends a batch, and again those of its changes that a passing state of the cluster kept from being done. */
const sendUntilAnswered = async (servers: Servers, batch: Batch): Promise<Applied[]> => {
  const end = performance.now() + passingWithinMs;
  const answered = new Map<Change, Applied>();
  let open = batch.changes;
  for (;;) {
    for (const one of await send(servers, { ...batch, changes: open })) answered.set(one.change, one);
    open = open.filter((change) => {
      const applied = answered.get(change);
      return applied !== undefined && isPassing(applied);
    });
    if (open.length === 0 || performance.now() > end) return [...answered.values()];
    await sleep(sendAgainMs);
  }
};

const withoutLevel: Outcome = {
  ok: false,
  error: 'LEVEL_NOT_SET',
  message: 'its compatibility level could not be set: without it nothing would protect its readers',
};

/** Schemas of which the level was refused a moment ago; NONE protects nobody, and stands where nothing else is set. */
const unprotected = (batch: Batch, applied: readonly Applied[]): readonly Change[] => {
  if (batch.kind !== 'register-schema') return [];
  const failed = new Set(
    applied.flatMap(({ change: { mutation }, outcome }) =>
      mutation.kind === 'set-level' && mutation.level !== 'NONE' && !outcome.ok ? [mutation.subject] : [],
    ),
  );
  return (batch.changes as ChangeOf<'register-schema'>[]).filter(({ mutation }) =>
    failed.has(mutation.subject),
  );
};

export interface CarryOutOptions {
  /** Stops before the next batch when this process may no longer apply. */
  readonly lost: AbortSignal;
  /** Called before a topic is deleted, and waited for: what it throws stops the apply. */
  readonly beforeDeletion: (change: ChangeOf<'delete-topic'>) => Promise<void>;
  readonly onProgress?: (done: number, of: number) => void;
}

/**
 * Does what was decided, batch by batch: recorded before the servers are asked and after they answered. A refusal of one
 * resource stops no other. Throws when the servers or the journal do not answer; the record then tells how far it came.
 */
export const carryOut = async (
  servers: Servers,
  run: Run,
  changes: readonly Change[],
  { lost, beforeDeletion, onProgress }: CarryOutOptions,
): Promise<Applied[]> => {
  const applied: Applied[] = [];
  for (const batch of batches(changes)) {
    lost.throwIfAborted();
    const skipped = unprotected(batch, applied);
    const rest = { ...batch, changes: batch.changes.filter((change) => !skipped.includes(change)) };
    await run.started(rest.changes);
    if (batch.kind === 'delete-topic') {
      for (const change of rest.changes as ChangeOf<'delete-topic'>[]) await beforeDeletion(change);
    }
    const outcomes = [
      ...skipped.map((change) => ({ change, outcome: withoutLevel })),
      ...(rest.changes.length > 0 ? await sendUntilAnswered(servers, rest) : []),
    ];
    await run.ended(outcomes);
    applied.push(...outcomes);
    onProgress?.(applied.length, changes.length);
  }
  return applied;
};
