import type { CompatibilityLevel } from '@soma/contracts';
import { protectsAsMuch } from './compatibility.js';
import type { ActualSubject, Change, DesiredSubject, Mutation } from './types.js';

type Draft = Omit<Change, 'part' | 'resource' | 'owner'>;

const levelChange = ({ subject, level }: DesiredSubject, seen: ActualSubject | undefined): Draft[] => {
  const before = seen?.level;
  if (before === level) return [];
  const weaker = before !== undefined && !protectsAsMuch(level, before);
  return [
    {
      field: 'compatibility',
      before: before ?? null,
      after: level,
      class: before === undefined ? 'create' : weaker ? 'unsafe' : 'safe',
      reason: weaker
        ? 'a weaker level lets through what breaks consumers'
        : 'readers are protected at least as well',
      mutation: { kind: 'set-level', subject, level },
    },
  ];
};

const registering = (
  { subject, schema, refersTo }: DesiredSubject,
  seen: ActualSubject | undefined,
): Mutation => ({
  kind: 'register-schema',
  subject,
  ...(seen?.whole === undefined ? { schema, ...(refersTo && { refersTo }) } : { schema: seen.whole }),
});

/** A schema that fits the declared level and not the one in force: it waits for the change of the level. */
const underAnotherLevel = (
  desired: DesiredSubject,
  draft: Pick<Draft, 'field' | 'before' | 'after'>,
  seen: ActualSubject,
  inForce: CompatibilityLevel,
): Draft => {
  const { level } = desired;
  const [change] = levelChange(desired, seen);
  if (change) {
    const reason = `compatible as ${level} demands, once that level stands in the place of ${inForce}`;
    return { ...draft, class: change.class, reason, mutation: registering(desired, seen) };
  }
  return {
    ...draft,
    class: 'unsupported',
    reason: `the registry's default level ${inForce} is in force and refuses it`,
    refused: `declare ${inForce} and a schema that fits it, or let an operator change the registry's default`,
    mutation: { kind: 'none' },
  };
};

const schemaChange = (desired: DesiredSubject, seen: ActualSubject | undefined): Draft[] => {
  if (seen?.registered) return [];
  const { level } = desired;
  const newest = seen?.versions.at(-1);
  const draft = {
    field: 'schema',
    before: newest === undefined ? null : `version ${newest}`,
    after: newest === undefined ? 'version 1' : 'a new version',
  };
  if (seen && seen.incompatibleWith.length > 0) {
    return [
      {
        ...draft,
        class: 'unsupported',
        reason: `not ${level} compatible with version ${seen.incompatibleWith.join(', ')}`,
        refused: 'give new fields a default and keep old ones; nothing is applied before that',
        mutation: { kind: 'none' },
      },
    ];
  }
  if (seen?.incomparableWith?.length) {
    return [
      {
        ...draft,
        class: 'unsupported',
        reason: `the registry cannot compare it with version ${seen.incomparableWith.join(', ')}, which refers to other types`,
        refused: 'go on using the types that the schema referred to, or name another subject',
        mutation: { kind: 'none' },
      },
    ];
  }
  const created = newest === undefined;
  if (seen?.refusedUnder !== undefined) return [underAnotherLevel(desired, draft, seen, seen.refusedUnder)];
  return [
    {
      ...draft,
      class: created ? 'create' : 'safe',
      reason: created ? 'the subject is new' : `compatible with every version that ${level} demands`,
      mutation: registering(desired, seen),
    },
  ];
};

/** Changes that subjects need: the level goes first, so that a subject is never without it. */
export const schemaChanges = (
  subjects: readonly DesiredSubject[],
  actual: ReadonlyMap<string, ActualSubject>,
): Change[] =>
  subjects.flatMap((desired) => {
    const seen = actual.get(desired.subject);
    return [...levelChange(desired, seen), ...schemaChange(desired, seen)].map((draft) => ({
      part: 'schemas' as const,
      resource: desired.subject,
      owner: desired.owner,
      ...draft,
    }));
  });
