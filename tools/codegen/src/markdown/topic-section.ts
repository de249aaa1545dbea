import { generateEvent } from '@soma/catalogue';
import {
  type CatalogueTopic,
  deadLetterTopic,
  fieldPaths,
  formatConfig,
  formatDuration,
  squadTitles,
  type TopicSpec,
} from '@soma/contracts';
import { fieldType } from './field-type.js';
import { code, codes, table } from './table.js';

/** How long events stay readable, in a word. */
export const kept = ({ config }: TopicSpec): string => {
  const policy = config['cleanup.policy'] ?? 'delete';
  const retention = config['retention.ms'];
  const time =
    retention === undefined ? 'as long as the brokers keep them' : formatConfig('retention.ms', retention);
  if (policy === 'delete') return time;
  return policy === 'compact' ? 'the newest of each key' : `the newest of each key, ${time}`;
};

const facts = ({ spec }: CatalogueTopic): string => {
  const config = Object.entries(spec.config).map(([name, value]) => `${name} = ${formatConfig(name, value)}`);
  const services = (list: TopicSpec['producers']): string =>
    list.length === 0 ? '–' : list.map(({ service, squad }) => `${code(service)} (${squad})`).join(', ');
  return table(
    ['', ''],
    [
      ['Owner', squadTitles[spec.owner]],
      ['Key', spec.key ? `${code(spec.key.field)}: ${spec.key.doc}` : '–'],
      ['Partitions', `${spec.partitions}, on ${spec.replicationFactor} brokers each`],
      ['Kept', kept(spec)],
      ['Configuration', codes(config)],
      ['Schema', spec.schema ? `${code(spec.schema.subject)}, ${spec.schema.compatibility}` : '–'],
      ['Classification', spec.classification.level],
      ['Personal data', codes(spec.classification.personal)],
      ['Producers', services(spec.producers)],
      ['Consumers', services(spec.consumers)],
      [
        'Dead letters',
        spec.deadLetter
          ? `${code(deadLetterTopic(spec.topic))}, kept ${formatDuration(spec.deadLetter.retentionMs)}`
          : '–',
      ],
    ],
  );
};

const fields = ({ spec, annotated }: CatalogueTopic): string => {
  if (!annotated) return 'Its values have no schema.\n';
  const rows = fieldPaths(annotated).map(({ path, field }) => [
    code(path),
    fieldType(field.type, annotated),
    field.doc ?? '',
    spec.classification.personal.includes(path) ? 'yes' : '',
    field.default === undefined ? '' : code(JSON.stringify(field.default)),
  ]);
  return table(['Field', 'Type', 'Meaning', 'Personal', 'Default'], rows);
};

const example = (topic: CatalogueTopic): string => {
  const event = generateEvent(topic, 1, 0);
  return event ? `\n\`\`\`json\n${JSON.stringify(event.value, null, 2)}\n\`\`\`\n` : '';
};

/** All about one topic. */
export const topicSection = (topic: CatalogueTopic): string => {
  const { deprecated } = topic.spec;
  return [
    `## ${topic.spec.topic}\n\n`,
    deprecated
      ? `**Deprecated** since ${deprecated.since}, goes on ${deprecated.remove}: ${deprecated.note}\n\n`
      : '',
    `${topic.spec.description}\n\n`,
    facts(topic),
    `\n${fields(topic)}`,
    example(topic),
  ].join('');
};
