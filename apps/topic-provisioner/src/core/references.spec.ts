import { type Catalogue, registrationOf } from '@soma/contracts';
import { moneyName, sharedCatalogue } from '../../test/shared-types.js';
import { batches } from './batches.js';
import { desiredState } from './desired.js';
import { schemaChanges } from './plan-schemas.js';
import { isComparable, wholeText } from './references.js';
import { scopeOf } from './scope.js';
import type { ActualSubject, DesiredSubject } from './types.js';

const subjectsOf = (catalogue: Catalogue): readonly DesiredSubject[] =>
  desiredState(catalogue, { environment: 'local', prefix: 'p.' })?.subjects ?? [];
const subjects = subjectsOf(sharedCatalogue());
const named = (name: string): DesiredSubject => {
  const found = subjects.find(({ subject }) => subject === `p.${name}`);
  if (!found) throw new Error(`no ${name}`);
  return found;
};
const line = 'com.somastack.infra_ops.Line';

describe('desired subjects', () => {
  it('have each type once, after what it refers to and before what refers to it', () => {
    const order = subjects.map(({ subject }) => subject);
    expect(order.toSorted()).toEqual(
      [`p.${moneyName}`, 'p.unit', `p.${line}`, 'p.invoices.sent-value', 'p.orders.created-value'].toSorted(),
    );
    for (const { subject, refersTo } of subjects) {
      for (const one of refersTo?.references ?? [])
        expect(order.indexOf(one.subject)).toBeLessThan(order.indexOf(subject));
    }
  });

  it('have the text that refers, and what it needs from subjects with the prefix', () => {
    const [, invoices] = sharedCatalogue().topics.toSorted((a, b) => (a.spec.topic < b.spec.topic ? 1 : -1));
    expect(named('invoices.sent-value').schema).toBe(invoices && registrationOf(invoices)?.schema);
    const { direct, references } = named('invoices.sent-value').refersTo ?? {};
    expect(direct).toEqual([line, moneyName]);
    expect(references?.map(({ subject }) => subject).toSorted()).toEqual(
      [`p.${moneyName}`, `p.${line}`, 'p.unit'].toSorted(),
    );
    expect(named(line).refersTo?.references.map(({ subject }) => subject)).toEqual([
      `p.${moneyName}`,
      'p.unit',
    ]);
    expect(named(moneyName)).not.toHaveProperty('refersTo');
  });

  it('belong to the squad whose folder they are in, under a level that satisfies all who use them', () => {
    expect(named(moneyName)).toMatchObject({ owner: 'identity-settings', level: 'FULL' });
    expect(named(line)).toMatchObject({ owner: 'infra-ops', level: 'BACKWARD' });
    const levels = (['NONE', 'BACKWARD_TRANSITIVE', 'FORWARD_TRANSITIVE'] as const).map((compatibility) =>
      subjectsOf(sharedCatalogue({ compatibility })).find(({ subject }) => subject === `p.${moneyName}`),
    );
    expect(levels.map((one) => one?.level)).toEqual(['BACKWARD', 'BACKWARD_TRANSITIVE', 'FULL_TRANSITIVE']);
  });

  it('are, written out, what the readers of the topic are compiled against', () => {
    for (const { spec, schema } of sharedCatalogue().topics) {
      const { schema: text, refersTo } = named(`${spec.topic}-value`);
      expect(wholeText(text, refersTo)).toBe(JSON.stringify(schema));
    }
  });
});

describe('a plan', () => {
  const changes = schemaChanges(subjects, new Map());

  it('registers types in batches before those that use them', () => {
    const sent = batches(changes.toReversed())
      .filter(({ kind }) => kind === 'register-schema')
      .map((batch) => batch.changes.map(({ resource }) => resource).toSorted());
    expect(sent).toEqual([
      [`p.${moneyName}`, 'p.unit'],
      [`p.${line}`, 'p.orders.created-value'].toSorted(),
      ['p.invoices.sent-value'],
    ]);
  });

  it('is looked at again, after an interruption, with what its schemas refer to', () => {
    const read = JSON.parse(JSON.stringify(changes)) as typeof changes;
    const looked = scopeOf(read).subjects;
    for (const { subject, schema, refersTo, level } of subjects)
      expect(looked).toContainEqual({ subject, schema, level, ...(refersTo && { refersTo }) });
    expect(looked).toHaveLength(subjects.length);
  });

  it('sends the whole where only that is comparable, and nothing where nothing is', () => {
    const desired = named('orders.created-value');
    const after = (seen: Partial<ActualSubject>) => {
      const state = { registered: false, versions: [1], incompatibleWith: [], level: desired.level, ...seen };
      return schemaChanges([desired], new Map([[desired.subject, state]]));
    };
    expect(after({ whole: 'W' })).toMatchObject([
      { class: 'safe', mutation: { kind: 'register-schema', subject: desired.subject, schema: 'W' } },
    ]);
    expect(after({ whole: 'W' })[0]?.mutation).not.toHaveProperty('refersTo');
    expect(after({ incomparableWith: [1] })).toMatchObject([
      { class: 'unsupported', mutation: { kind: 'none' }, refused: expect.any(String) as string },
    ]);
  });
});

it('compares with texts that find what they refer to, and define none of it', () => {
  const { refersTo, schema } = named('orders.created-value');
  const references = [{ name: moneyName }];
  expect(isComparable({ schema, references }, refersTo)).toBe(true);
  expect(isComparable({ schema: '{"type":"record","name":"Other","fields":[]}' }, refersTo)).toBe(true);
  expect(isComparable({ schema: wholeText(schema, refersTo) }, refersTo)).toBe(false);
  expect(isComparable({ schema: wholeText(schema, refersTo) }, undefined)).toBe(true);
  expect(isComparable({ schema, references }, undefined)).toBe(false);
  expect(isComparable({ schema, references }, named('invoices.sent-value').refersTo)).toBe(true);
});
