import { spec } from '../test/specs.js';
import { desiredTopics, dlqSpec } from './desired-topics.js';

const consumers = [{ service: 'notification-feed', squad: 'infra-ops' }];

describe('desiredTopics', () => {
  it('adds a dead-letter topic where there are consumers, and sorts by name', () => {
    const topics = desiredTopics([
      spec({ topic: 'slm.requests' }),
      spec({ topic: 'settings.changed', consumers, deadLetter: { partitions: 2, retention: '30d' } }),
    ]);
    expect(topics.map(({ name }) => name)).toEqual([
      'settings.changed',
      'settings.changed.dlq',
      'slm.requests',
    ]);
    expect(topics[1]).toMatchObject({
      partitions: 2,
      role: { kind: 'dead-letters', of: 'settings.changed' },
    });
  });

  it('makes dead letters as safe as the topic, kept for their own time, with room for the headers', () => {
    const config = { 'min.insync.replicas': 2, 'cleanup.policy': 'compact', 'max.message.bytes': '2MiB' };
    expect(dlqSpec(spec({ consumers, config, replicationFactor: 5 }))).toMatchObject({
      replicationFactor: 5,
      config: {
        'min.insync.replicas': '2',
        'cleanup.policy': 'delete',
        'retention.ms': '1209600000',
        'max.message.bytes': String(2 * 2 ** 20 + 65_536),
      },
    });
  });

  it('leaves room for the headers also where the brokers set the size', () => {
    expect(dlqSpec(spec({ consumers }))?.config['max.message.bytes']).toBe(String(1_048_588 + 65_536));
  });
});
