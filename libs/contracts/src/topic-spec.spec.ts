import { spec, written } from '../test/specs.js';
import { topicSpecSchema } from './topic-spec.js';

const issuesOf = (value: object): readonly string[] =>
  (topicSpecSchema.safeParse(value).error?.issues ?? []).map(({ path, code }) => `${path.join('/')} ${code}`);

describe('topicSpecSchema', () => {
  it('fills in subject, group and dead letters', () => {
    const { schema, consumers, deadLetter, config } = spec({
      config: { 'retention.ms': '7d', 'min.insync.replicas': 2 },
      schema: { file: 'settings.changed.avsc', compatibility: 'FULL_TRANSITIVE' },
      consumers: [
        { service: 'notification-feed', squad: 'infra-ops' },
        { service: 'squad-service', squad: 'ui-experience', group: 'settings-readers' },
      ],
    });
    expect(schema?.subject).toBe('settings.changed-value');
    expect(consumers.map(({ group }) => group)).toEqual(['notification-feed', 'settings-readers']);
    expect(deadLetter).toEqual({ partitions: 1, retentionMs: 1_209_600_000 });
    expect(config).toEqual({ 'retention.ms': '604800000', 'min.insync.replicas': '2' });
  });

  it('fills in the subject of a type that a schema refers to, and leaves out what is not written', () => {
    const schema = { file: 'a.avsc', compatibility: 'FULL', aliases: ['old'] };
    const references = [
      { name: 'com.example.Money', file: '../infra-ops/money.avsc' },
      { name: 'com.example.Unit', file: 'unit.avsc', subject: 'unit' },
    ];
    expect(spec({ schema: { ...schema, references } }).schema).toEqual({
      ...schema,
      subject: 'settings.changed-value',
      references: [{ ...references[0], subject: 'com.example.Money' }, references[1]],
    });
    expect(spec({ schema }).schema).not.toHaveProperty('references');
    expect(spec().classification).not.toHaveProperty('notPersonal');
    const wrong = [{ name: 'Money', file: '../../money.avsc' }];
    expect(issuesOf(written({ schema: { ...schema, references: wrong } }))).toEqual([
      'schema/references/0/name invalid_format',
      'schema/references/0/file invalid_format',
    ]);
  });

  it('gives no dead letters to a topic that nobody consumes', () => {
    expect(spec()).not.toHaveProperty('deadLetter');
  });

  it('takes a topic without schema and key, as it may live in a cluster that was made by hand', () => {
    expect(spec()).not.toHaveProperty('schema');
    expect(spec()).not.toHaveProperty('key');
  });

  it('refuses unknown keys and wrong values, all at once', () => {
    const wrong = written({
      partitions: 0,
      owner: 'nobody',
      retention: '7d',
      config: { 'retention.msec': 1, 'retention.ms': 'long' },
      consumers: [{ service: 'Feed', squad: 'infra-ops', colour: 'red' }],
    });
    expect(issuesOf(wrong)).toEqual([
      'owner invalid_value',
      'partitions too_small',
      'config/retention.msec custom',
      'config/retention.ms custom',
      'consumers/0/service invalid_format',
      'consumers/0 unrecognized_keys',
      ' unrecognized_keys',
    ]);
  });
});
