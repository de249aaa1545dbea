import { Cron } from 'croner';

/** When something happens again and again: five fields of cron, by the clocks of a time zone. */
export interface Schedule {
  readonly at: string;
  readonly timeZone: string;
}

const cronOf = ({ at, timeZone }: Schedule): Cron => new Cron(at, { timezone: timeZone, mode: '5-part' });

/** What is wrong with the five fields; undefined if they name times that come. */
export const cronFault = (at: string): string | undefined => {
  try {
    return cronOf({ at, timeZone: 'UTC' }).nextRun(new Date(0)) ? undefined : 'names a time that never comes';
  } catch {
    return 'does not fit';
  }
};

/** The last `count` times up to and with `now`, the newest first; milliseconds since the epoch. */
export const lastTimes = (schedule: Schedule, now: number, count: number): readonly number[] =>
  cronOf(schedule)
    // A time of its own does not count as before itself.
    .previousRuns(count, new Date(now + 1))
    .map((time) => time.getTime());
