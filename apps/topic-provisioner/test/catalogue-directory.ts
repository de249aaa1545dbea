import { cp, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const shipped = fileURLToPath(new URL('../../../schemas', import.meta.url));

const overlay = 'environment: local\ndescription: Tests.\nkafka: { tls: false }\n';

/** Name of one of many topics, without the prefix. */
export const bulkTopic = (index: number): string => `bulk.t${String(index).padStart(4, '0')}`;

const bulkSpec = (topic: string): string => `topic: ${topic}
owner: infra-ops
description: One of many.
partitions: 1
replicationFactor: 1
config: { min.insync.replicas: 1 }
key: { field: id, doc: Whatever it is about. }
schema: { file: ${topic}.avsc, compatibility: FULL_TRANSITIVE }
classification: { level: internal, personal: [] }
producers: [{ service: topic-provisioner, squad: infra-ops }]
consumers: []
`;

const bulkSchema = (index: number): string =>
  JSON.stringify({
    type: 'record',
    name: `Bulk${index}`,
    namespace: 'com.somastack.infra_ops',
    doc: 'One of many.',
    fields: [{ name: 'id', type: 'string', doc: 'Whatever it is about.', examples: ['a', 'b'] }],
  });

/** A catalogue in files: settings.changed and infra.notifications as they are shipped, and as many others as are wanted. */
export const writeCatalogue = async (directory: string, bulk: number): Promise<void> => {
  for (const [squad, topic] of [
    ['identity-settings', 'settings.changed'],
    ['infra-ops', 'infra.notifications'],
  ] as const) {
    await mkdir(join(directory, squad), { recursive: true });
    for (const type of ['yaml', 'avsc']) {
      await cp(join(shipped, squad, `${topic}.${type}`), join(directory, squad, `${topic}.${type}`));
    }
  }
  await mkdir(join(directory, 'environments'));
  await writeFile(join(directory, 'environments', 'local.yaml'), overlay);
  for (let index = 0; index < bulk; index += 1) {
    const file = join(directory, 'infra-ops', bulkTopic(index));
    await writeFile(`${file}.yaml`, bulkSpec(bulkTopic(index)));
    await writeFile(`${file}.avsc`, bulkSchema(index));
  }
};
