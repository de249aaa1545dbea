import type { AvroRecord, AvroSchema } from './avro.js';
import { withFullNames } from './full-names.js';

const order = (state: AvroSchema, again: AvroSchema): AvroRecord => ({
  type: 'record',
  name: 'Order',
  namespace: 'n',
  fields: [
    { name: 'id', type: { type: 'string', logicalType: 'uuid' } },
    { name: 'state', type: ['null', state] },
    { name: 'states', type: { type: 'map', values: { type: 'array', items: again } } },
  ],
});
const state = { type: 'enum', symbols: ['OPEN'] } as const;

it('makes schemas equal that differ in how their names are written, and no others', () => {
  const plain = withFullNames(order({ ...state, name: 'State' }, 'State'));
  const alike = [
    order({ ...state, name: 'State', namespace: 'n' }, 'n.State'),
    order({ ...state, name: 'n.State' }, 'State'),
    { ...order({ ...state, name: 'State' }, 'State'), name: 'n.Order', namespace: 'other' },
  ];
  for (const one of alike) expect(withFullNames(one)).toEqual(plain);
  const others = [
    order({ ...state, name: 'State', namespace: 'm' }, 'm.State'),
    order({ ...state, name: 'State', doc: 'How it stands.' }, 'State'),
    order({ ...state, name: 'State' }, 'string'),
  ];
  for (const one of others) expect(withFullNames(one)).not.toEqual(plain);
});
