import { lowestFloor } from './core/cursor.js';
import type { PeopleStore } from './people-ports.js';
import type { NotificationStore } from './ports.js';

/** Forgets what people did with notifications that the feed does not have any more; looks again when more have gone. */
export const forgetGone = (
  feed: Pick<NotificationStore, 'state'>,
  people: Pick<PeopleStore, 'prune'>,
): (() => Promise<void>) => {
  let forgotten = 0n;
  return async () => {
    const floor = lowestFloor(await feed.state());
    if (floor === forgotten) return;
    await people.prune(`${floor + 1n}`);
    forgotten = floor;
  };
};
