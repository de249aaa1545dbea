import { eventKey, type EventInput, type EventOf, isTopicName } from './events.js';
import { topics } from './generated/index.js';

const change: EventInput<'settings.changed'> = { tenant: 'acme', version: 3, hash: 'ab', at: 0 };

it('takes the key from the field that the topic names', () => {
  expect(eventKey('settings.changed', change)).toBe('acme');
  expect(topics['billing.events'].key).toBe('tenant_id');
});

it('asks a producer for nothing that has a default, and gives a consumer all of it', () => {
  const read: EventOf<'settings.changed'> = { ...change, changed_keys: [] };
  // @ts-expect-error a consumer's event has every field
  const incomplete: EventOf<'settings.changed'> = change;
  // @ts-expect-error a field without a default cannot be left out
  const unhashed: EventInput<'settings.changed'> = { tenant: 'acme', version: 3, at: 0 };
  expect([read, incomplete, unhashed]).toHaveLength(3);
});

it('knows the topics that have a type', () => {
  expect(isTopicName('settings.changed')).toBe(true);
  expect(isTopicName('settings.changed.dlq')).toBe(false);
  expect(isTopicName('toString')).toBe(false);
});
