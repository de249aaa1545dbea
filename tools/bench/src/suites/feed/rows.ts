import type { EventOf } from '@soma/contracts';

const body =
  'The nightly run of the capacity benchmarks has ended. Every scenario is within its aim; the report has the numbers.';

/** A notification for one squad that carries its number and the time at which it was sent. */
export const notification = (number: number, squad: string, now: number) => ({
  squads: [squad],
  source: 'bench',
  kind: 'nightly.finished',
  severity: 'info' as const,
  title: `Nightly ${number} finished`,
  body,
  metadata: { bench: `${now}`, branch: 'main', suite: 'capacity' },
});

/** The same as an event of infra.notifications. */
export const event = (number: number, squad: string, now: number): EventOf<'infra.notifications'> => ({
  ...notification(number, squad, now),
  link: null,
  dedupe_key: `nightly/${number}`,
  at: now,
});
