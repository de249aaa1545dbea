import { agreementOf, beforeOf, type Change, changedOrders } from '../../../test/agreement.js';
import { formatProblems } from '../../problem.js';
import { catalogueAgreement } from './catalogue-agreement.js';

const told = (change: Change, ...versions: readonly Change[]): readonly string[] =>
  formatProblems(agreementOf(change, ...versions))
    .split('\n')
    .filter((line) => line !== '');

const replace =
  (from: string, to: string) =>
  (text: string): string => {
    if (!text.includes(from)) throw new Error(`no ${from}`);
    return text.replace(from, to);
  };

const amount = '{ "name": "amount", "type": "long", "doc": "How many.", "default": 1, "examples": [1, 9] },';
const level = (name: string): Change => ({ yaml: replace('FULL_TRANSITIVE', name) });

describe('catalogueAgreement', () => {
  it('says nothing where nothing changed, or only the examples', () => {
    expect(told({})).toEqual([]);
    expect(told({ avsc: replace('"examples": [1, 9]', '"examples": [2]') })).toEqual([]);
  });

  it('names the field, what changed, the direction, the versions and whom it hits', () => {
    const text: Change = {
      avsc: replace('"long", "doc": "How many.", "default": 1', '"string", "doc": "How many."'),
    };
    const change: Change = { avsc: (avsc) => text.avsc?.(avsc).replace(', "examples": [1, 9]', '') ?? '' };
    expect(told(change)).toEqual([
      'infra-ops/orders.created.avsc:8:33 amount — the type changed from long to string: readers of the new schema cannot read old events (version 1), which FULL_TRANSITIVE demands; hits, as soon as they read with the new schema, the consumers ledger (identity-settings); allowed: the type as it was, or a new field with a default beside it',
      'infra-ops/orders.created.avsc:8:33 amount — the type changed from long to string: readers of an older schema cannot read new events (version 1), which FULL_TRANSITIVE demands; hits, as long as they read with an older schema, the consumers ledger (identity-settings); allowed: the type as it was, or a new field with a default beside it',
    ]);
  });

  it('gives programs the topic and its consumers', () => {
    const about = {
      topic: 'orders.created',
      consumers: [{ service: 'ledger', squad: 'identity-settings' }],
      severity: 'error',
    };
    expect(agreementOf({ avsc: replace('"name": "name"', '"name": "label"') })).toMatchObject([
      { path: 'buyer.name', line: 14, ...about },
      { path: 'buyer.label', line: 14, ...about },
    ]);
  });

  it('holds a transitive level against every version, another against the newest', () => {
    const first: Change = { avsc: replace(amount, '') };
    const required: Change = { avsc: replace(' "default": 1,', '') };
    const versions = (name: string) =>
      agreementOf(
        { ...level(name), avsc: required.avsc as (text: string) => string },
        { ...level(name), ...first },
        level(name),
      ).filter(({ severity }) => severity === 'error');
    expect(versions('BACKWARD')).toEqual([]);
    expect(versions('BACKWARD_TRANSITIVE').map(({ message }) => message)).toEqual([
      expect.stringMatching(/the field amount was added without a default: .*\(version 1\)/),
    ]);
    expect(versions('FORWARD_TRANSITIVE')).toEqual([]);
    expect(versions('NONE')).toEqual([]);
  });

  it('takes a schema that stood before for registered', () => {
    const other: Change = { avsc: replace('"name": "tenant"', '"name": "client"') };
    expect(agreementOf({}, {}, other).filter(({ severity }) => severity === 'error')).toEqual([]);
  });

  it.each([
    ['added', {}, { avsc: replace(amount, '') }, 'the field amount was added, with the default 1'],
    ['removed', { avsc: replace(amount, '') }, {}, 'the field amount was removed'],
    ['documented otherwise', { avsc: replace('How many.', 'How much.') }, {}, 'the doc changed'],
    [
      'defaulted otherwise',
      { avsc: replace('"default": 1', '"default": 2') },
      {},
      'the default changed from 1 to 2',
    ],
    [
      'renamed by an alias',
      { ...level('BACKWARD'), avsc: replace('"name": "amount"', '"name": "count", "aliases": ["amount"]') },
      level('BACKWARD'),
      'the field amount was renamed to count, by an alias',
    ],
    [
      'widened',
      level('BACKWARD'),
      {
        ...level('BACKWARD'),
        avsc: replace('"name": "amount", "type": "long"', '"name": "amount", "type": "int"'),
      },
      'the type changed from int to long',
    ],
  ] as const)('notes a field that was %s, with its readers', (_, change, before, message) => {
    expect(agreementOf(change, before)).toMatchObject([
      { severity: 'note', message: `${message}; read by ledger (identity-settings)` },
    ]);
  });

  it('notes a new field as one, with all that is inside', () => {
    const before: Change = {
      ...level('FORWARD'),
      avsc: (text) => `${text.slice(0, text.indexOf(',\n    {\n      "name": "buyer"'))}]}`,
    };
    expect(agreementOf(level('FORWARD'), before).map(({ message }) => message)).toEqual([
      'the field buyer was added; read by ledger (identity-settings)',
    ]);
  });

  it('warns of values that mean something else', () => {
    const of = (logicalType: string): Change => ({
      avsc: replace('"type": "long"', `"type": { "type": "long", "logicalType": "${logicalType}" }`),
    });
    expect(agreementOf(of('timestamp-micros'), of('timestamp-millis'))).toMatchObject([
      {
        severity: 'warning',
        path: 'amount',
        message: expect.stringContaining('means something else') as string,
      },
    ]);
  });

  it('warns of a weaker level, at the level', () => {
    expect(told(level('FULL'))).toEqual([
      'infra-ops/orders.created.yaml:14:18 warning: schema.compatibility — FULL protects less than FULL_TRANSITIVE, which is in force; the consumers are ledger (identity-settings); allowed: FULL_TRANSITIVE',
    ]);
    expect(told({}, level('BACKWARD'))).toEqual([]);
  });

  it('holds a stronger level against versions that nobody looked at before', () => {
    const first: Change = { ...level('NONE'), avsc: replace('"type": "long"', '"type": "string"') };
    expect(
      agreementOf(
        {},
        {
          avsc: (text) =>
            first.avsc?.(text).replace('"default": 1, "examples": [1, 9]', '"default": ""') ?? '',
        },
        level('NONE'),
      ),
    ).toHaveLength(2);
  });

  it('refuses to let go of a topic or a schema that is consumed', () => {
    expect(catalogueAgreement([], beforeOf({}))).toMatchObject([
      {
        file: 'infra-ops/orders.created.yaml',
        severity: 'error',
        message: 'the topic orders.created was removed, but has the consumers ledger (identity-settings)',
      },
    ]);
    const schemaless = replace(
      'schema:\n  file: orders.created.avsc\n  compatibility: FULL_TRANSITIVE\n',
      '',
    );
    expect(agreementOf({ yaml: schemaless })).toMatchObject([
      { severity: 'error', message: expect.stringContaining('the schema was removed') as string },
    ]);
    const alone = replace('consumers:\n  - { service: ledger, squad: identity-settings }\n', '');
    expect(catalogueAgreement([], beforeOf({ yaml: alone }))).toMatchObject([{ severity: 'note' }]);
  });

  it('does not take a spec that cannot be read for one that is gone', () => {
    const [spec, schema] = changedOrders();
    if (!spec || !schema) throw new Error('no files');
    expect(catalogueAgreement([{ ...spec, text: 'topic: [' }, schema], beforeOf({}))).toEqual([]);
  });
});
