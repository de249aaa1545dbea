import { applyOverlay, deadLetterTopic, isSquad, namedTypes, type TopicSpec } from '@soma/contracts';
import { isDeepStrictEqual } from 'node:util';
import { type Problem, placeOf } from '../problem.js';
import { listAt, textAt } from './loose.js';
import type { OverlayReading } from './read-overlay.js';
import type { SpecReading } from './read-spec.js';

/** Kafka's metrics cannot tell dots from underscores, so its brokers refuse names that differ in nothing else. */
const collisionKey = (topic: string): string => topic.replaceAll('.', '_');

function* names(readings: readonly SpecReading[]): Generator<Problem> {
  const taken = new Map<string, { topic: string; place: string }>();
  for (const { source } of readings) {
    const topic = textAt(source.value, ['topic']);
    if (topic === undefined) continue;
    const consumed = listAt(source.value, ['consumers']).length > 0;
    for (const name of consumed ? [topic, deadLetterTopic(topic)] : [topic]) {
      const other = taken.get(collisionKey(name));
      if (other) {
        yield source.problem({
          at: ['topic'],
          message:
            other.topic === name
              ? `${name} is already declared in ${other.place}`
              : `${name} clashes with ${other.topic} in ${other.place}: Kafka takes dots and underscores for the same`,
          allowed: 'another name',
        });
        break;
      }
      const place = placeOf(source.problem({ at: ['topic'], message: '' }));
      taken.set(collisionKey(name), { topic: name, place });
    }
  }
}

function* services(readings: readonly SpecReading[]): Generator<Problem> {
  const squads = new Map<string, { squad: string; file: string }>();
  const prefixes = {
    consumers: { field: 'group', what: 'group', taken: new Map<string, string>() },
    producers: { field: 'transactionalId', what: 'transactional id', taken: new Map<string, string>() },
  };
  for (const { source } of readings)
    for (const list of ['producers', 'consumers'] as const)
      for (const index of listAt(source.value, [list]).keys()) {
        const service = textAt(source.value, [list, index, 'service']);
        const squad = textAt(source.value, [list, index, 'squad']);
        if (service === undefined || !isSquad(squad)) continue;
        const known = squads.get(service) ?? { squad, file: source.file };
        squads.set(service, known);
        if (known.squad !== squad)
          yield source.problem({
            at: [list, index, 'squad'],
            message: `${service} belongs to ${known.squad} in ${known.file}`,
            allowed: known.squad,
          });
        const prefix =
          list === 'consumers'
            ? (textAt(source.value, [list, index, 'group']) ?? service)
            : textAt(source.value, [list, index, 'transactionalId']);
        if (prefix === undefined) continue;
        const { field, what, taken } = prefixes[list];
        const covered = [...taken].find(
          ([other, owner]) => owner !== service && (other.startsWith(prefix) || prefix.startsWith(other)),
        );
        if (covered)
          yield source.problem({
            at: [list, index, field],
            message: `the ${what} prefix ${prefix} of ${service} and ${covered[0]} of ${covered[1]} cover the same ${what}s`,
            allowed: 'a prefix that neither begins another nor begins with it',
          });
        taken.set(prefix, service);
      }
}

function* types(readings: readonly SpecReading[]): Generator<Problem> {
  const taken = new Map<string, { definition: unknown; file: string; adopted: boolean }>();
  for (const { schemaSource, annotated, spec } of readings) {
    const adopted = spec?.adopted === true;
    for (const [name, definition] of annotated && schemaSource ? namedTypes(annotated) : []) {
      const other = taken.get(name);
      if (other && schemaSource && !isDeepStrictEqual(other.definition, definition))
        yield schemaSource.problem({
          at: ['name'],
          message: `${name} is defined otherwise in ${other.file}`,
          allowed: 'another name, or the same definition',
          severity: adopted || other.adopted ? 'warning' : 'error',
        });
      taken.set(name, other ?? { definition, file: schemaSource?.file ?? '', adopted });
    }
  }
}

/** Subjects that two schemas would share: those of topics, their aliases and the types that they refer to. */
function* subjects(readings: readonly SpecReading[]): Generator<Problem> {
  const taken = new Map<string, string>();
  for (const { source, spec } of readings) {
    if (!spec?.schema) continue;
    const { subject, aliases = [], references = [] } = spec.schema;
    const claims = [
      { subject, at: ['schema', 'subject'], what: source.file },
      ...aliases.map((alias, index) => ({
        subject: alias,
        at: ['schema', 'aliases', index],
        what: source.file,
      })),
      ...references.map(({ name, subject: own }, index) => ({
        subject: own,
        at: ['schema', 'references', index],
        what: `the type ${name}`,
      })),
    ];
    for (const claim of claims) {
      const other = taken.get(claim.subject);
      // Several topics refer to one type under one subject.
      const shared = other === claim.what && claim.what !== source.file;
      if (other && !shared)
        yield source.problem({
          at: claim.at,
          message: `the subject ${claim.subject} is already that of ${other}`,
          allowed: 'another subject',
        });
      taken.set(claim.subject, other ?? claim.what);
    }
  }
}

const unwritable = ({ config, replicationFactor }: TopicSpec): string | undefined => {
  const needed = Number(config['min.insync.replicas'] ?? 1);
  return needed > replicationFactor
    ? `min.insync.replicas ${needed} is more than the replication factor ${replicationFactor}: nothing could be written`
    : undefined;
};

function* replicas(
  readings: readonly SpecReading[],
  overlays: readonly OverlayReading[],
): Generator<Problem> {
  const allowed = 'at most the replication factor';
  const specs = readings.flatMap(({ spec }) => spec ?? []);
  for (const { source, spec } of readings) {
    const message = spec && unwritable(spec);
    const severity = spec?.adopted ? 'warning' : 'error';
    if (message !== undefined)
      yield source.problem({ at: ['config', 'min.insync.replicas'], message, allowed, severity });
  }
  for (const { source, overlay } of overlays)
    for (const spec of overlay
      ? applyOverlay(
          specs.filter((one) => !unwritable(one)),
          overlay,
        )
      : []) {
      const message = unwritable(spec);
      if (message !== undefined)
        yield source.problem({ at: ['topics', spec.topic], message: `${spec.topic}: ${message}`, allowed });
    }
}

/** What is wrong between the files: names, services, types and subjects that get in each other's way. */
export function* catalogueProblems(
  readings: readonly SpecReading[],
  overlays: readonly OverlayReading[],
): Generator<Problem> {
  yield* names(readings);
  yield* services(readings);
  yield* types(readings);
  yield* subjects(readings);
  yield* replicas(readings, overlays);
}
