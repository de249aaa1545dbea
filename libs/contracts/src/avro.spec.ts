import type { AvroRecord } from './avro.js';
import { namedTypes } from './avro.js';
import { fieldPaths } from './avro-fields.js';
import { registeredSchema } from './registered-schema.js';

const tree: AvroRecord = {
  type: 'record',
  name: 'Tree',
  namespace: 'com.example',
  examples: [{ label: 'oak' }],
  fields: [
    { name: 'label', type: 'string', doc: 'A name.', default: 'examples', examples: ['oak', 'ash'] },
    { name: 'branches', type: { type: 'array', items: ['null', 'Tree'] } },
    {
      name: 'leaf',
      type: {
        type: 'record',
        name: 'Leaf',
        fields: [
          { name: 'colour', type: { type: 'enum', name: 'Colour', symbols: ['RED'] }, examples: ['RED'] },
        ],
      },
    },
    { name: 'fallen', type: { type: 'map', values: 'com.example.Leaf' } },
  ],
};

it('names the types in the namespace that surrounds them', () => {
  expect([...namedTypes(tree).keys()]).toEqual([
    'com.example.Tree',
    'com.example.Leaf',
    'com.example.Colour',
  ]);
});

it('finds the paths of all fields, through lists, maps, unions and names, and ends in a recursive type', () => {
  expect(fieldPaths(tree).map(({ path }) => path)).toEqual([
    'label',
    'branches',
    'leaf',
    'leaf.colour',
    'fallen',
    'fallen.colour',
  ]);
});

it('registers a schema without its examples, and with everything else', () => {
  const registered = registeredSchema(tree);
  expect(JSON.stringify(registered)).not.toContain('"examples":');
  expect(registered.fields[0]).toEqual({
    name: 'label',
    type: 'string',
    doc: 'A name.',
    default: 'examples',
  });
  expect(fieldPaths(registered).map(({ path }) => path)).toEqual(fieldPaths(tree).map(({ path }) => path));
});
