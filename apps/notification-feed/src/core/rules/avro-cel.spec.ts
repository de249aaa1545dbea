import { Environment } from '@marcbachmann/cel-js';
import type { AvroRecord } from '@soma/contracts';
import { declareRecord, DoesNotFit } from './avro-cel.js';
import { compile } from './expression.js';

const schema: AvroRecord = {
  type: 'record',
  name: 'Tree',
  namespace: 'com.example',
  fields: [
    { name: 'label', type: 'string' },
    { name: 'height', type: 'long', default: 3 },
    { name: 'share', type: 'double', default: 0.5 },
    { name: 'planted', type: { type: 'long', logicalType: 'timestamp-millis' }, default: 0 },
    { name: 'branches', type: { type: 'array', items: 'Tree' }, default: [] },
    { name: 'parent', type: ['null', 'Tree'], default: null },
    {
      name: 'leaves',
      type: {
        type: 'map',
        values: {
          type: 'record',
          name: 'Leaf',
          fields: [
            {
              name: 'colour',
              type: { type: 'enum', name: 'Colour', symbols: ['RED', 'GREEN'] },
            },
          ],
        },
      },
      default: {},
    },
  ],
};

const environment = new Environment({ unlistedVariablesAreDyn: false });
const { type, fields } = declareRecord(environment, schema);
environment.registerVariable('event', type.name);

const tree = {
  label: 'oak',
  height: 2 ** 53 - 1,
  branches: [{ label: 'twig', branches: [{ label: 'bud' }] }],
  parent: { label: 'root' },
  leaves: { first: { colour: 'RED' } },
};

const evaluate = (source: string): unknown => {
  const compiled = compile(environment, fields, source, 'text');
  if (!compiled.ok) throw new Error(JSON.stringify(compiled.fault));
  return compiled.expression({ event: type.read(tree, 'event') });
};

it.each([
  ['event.height + 1', 2n ** 53n],
  ['event.share * 2.0', 1],
  ['event.planted < timestamp("1970-01-02T00:00:00Z")', true],
  ['event.branches[0].branches[0].label', 'bud'],
  ['event.branches[0].height', 3n],
  ['event.branches.exists(b, b.label == "twig")', true],
  ['event.parent.label', 'root'],
  ['event.parent.parent == null', true],
  ['event.leaves.first.colour', 'RED'],
  ['"second" in event.leaves', false],
])('answers %s', (source, answer) => {
  expect(evaluate(source)).toEqual(answer);
});

it.each([
  ['event.branches[0].lable == ""', 18, Object.keys(schema.fields).length],
  ['event.leaves["first"].color', 22, 1],
  ['event.branches.map(b, b.lable)', 24, 8],
])('finds the unknown field of %s', (source, offset, allowed) => {
  const compiled = compile(environment, fields, source, 'text');
  expect(compiled).toMatchObject({ ok: false, fault: { offset } });
  expect(compiled.ok ? [] : compiled.fault.allowed?.split(', ')).toHaveLength(allowed);
});

it.each([
  [{}, 'event.label — is missing; allowed: a text'],
  [{ label: 'a', height: 1.5 }, 'event.height — does not fit; allowed: a whole number'],
  [{ label: 'a', branches: [{}] }, 'event.branches[0].label — is missing; allowed: a text'],
  [
    { label: 'a', leaves: { x: { colour: 'BLUE' } } },
    'event.leaves[x].colour — does not fit; allowed: RED | GREEN',
  ],
  [{ label: 'a', planted: 9e15 }, 'event.planted — does not fit; allowed: milliseconds since the epoch'],
  [{ label: 'a', parent: 7 }, 'event.parent — does not fit; allowed: null | com.example.Tree'],
  [[], 'event — does not fit; allowed: a record'],
])('says why %j is no such record', (value, message) => {
  expect(() => type.read(value, 'event')).toThrow(new DoesNotFit('', '', '').constructor as never);
  expect(() => type.read(value, 'event')).toThrow(message);
});
