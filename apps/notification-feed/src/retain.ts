import { expired, lastOf, type Retention } from './core/retention.js';
import { lowestFloor } from './core/cursor.js';
import type { NotificationStore, PartitionStore } from './ports.js';

/**
 * Lets go of what is past its retention: tells readers first, and drops in the next round. A reader whose statement began
 * before a floor was written has had its answer by then.
 */
export const retain =
  (store: Pick<NotificationStore, 'state'>, partitions: PartitionStore, retention: Retention) =>
  async (now: number): Promise<void> => {
    const there = await partitions.list();
    const { weekZeroEnded } = there;
    const gone = expired(there.partitions, { retention, now, weekZeroEnded });
    if (gone.length === 0) return;
    const state = await store.state();
    const declared = gone.filter((one) => state.floors[one.severity] >= lastOf(one));
    if (declared.length < gone.length) await partitions.declareGone(gone);
    for (const partition of declared) await partitions.drop(partition);
    const floor = lowestFloor(state);
    if (floor > 0n) await partitions.forgetOrigins(floor);
  };
