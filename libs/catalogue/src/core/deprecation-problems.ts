import type { ServiceReference } from '@soma/contracts';
import type { Problem } from '../problem.js';
import type { SpecReading } from './read-spec.js';

const names = (services: readonly ServiceReference[]): string =>
  services.map(({ service, squad }) => `${service} (${squad})`).join(', ');

/** What a deprecation says that the calendar has overtaken; `today` as `2027-03-31`. */
export function* deprecationProblems({ source, spec }: SpecReading, today: string): Generator<Problem> {
  const deprecated = spec?.deprecated;
  if (!spec || !deprecated || today < deprecated.since) return;
  const about = {
    topic: spec.topic,
    consumers: spec.consumers.map(({ service, squad }) => ({ service, squad })),
  };
  const warning = (at: string[], message: string, allowed: string): Problem => ({
    ...source.problem({ at, message, allowed, severity: 'warning' }),
    ...about,
  });
  if (deprecated.remove < today)
    yield warning(
      ['deprecated', 'remove'],
      `${spec.topic} was to be removed on ${deprecated.remove}, and today is ${today}`,
      'no topic, or a later date that its consumers agree to',
    );
  for (const list of ['producers', 'consumers'] as const)
    if (spec[list].length > 0)
      yield warning(
        [list],
        `${spec.topic} is deprecated since ${deprecated.since} and goes on ${deprecated.remove}, but still has the ${list} ${names(spec[list])}`,
        deprecated.note,
      );
}
