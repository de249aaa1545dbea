import {
  type AvroRecord,
  type Catalogue,
  overlaySchema,
  type SquadName,
  topicSpecSchema,
} from '@soma/contracts';

/** What the generated topics have besides a producer and two configs. */
export interface CatalogueShape {
  /** A consumer each, and with it a dead-letter topic. */
  readonly consumers: boolean;
  /**
   * A schema each, with this in its namespace: two passes share no content, since Apicurio 3.0.9 may remove, and lose,
   * what one of them has just deleted and another registers.
   */
  readonly schemas?: string;
}

/** The only environment of a generated catalogue. */
export const environment = 'bench';

const services = 20;
const squad: SquadName = 'infra-ops';

const valueSchema = (index: number, series: string): AvroRecord => ({
  type: 'record',
  name: `Happened${index}`,
  namespace: `com.somastack.bench.${series.replaceAll(/\W/g, '_')}`,
  fields: [
    { name: 'tenant', type: 'string' },
    { name: 'amount', type: 'long' },
    { name: 'note', type: ['null', 'string'], default: null },
  ],
});

/**
 * A catalogue of so many topics, the same in every run: one partition and one replica each, so that a cluster on a laptop
 * carries thousands of them.
 */
export const generatedCatalogue = (topics: number, { consumers, schemas }: CatalogueShape): Catalogue => ({
  topics: Array.from({ length: topics }, (_, index) => {
    const topic = `topic.${String(index).padStart(5, '0')}`;
    return {
      spec: topicSpecSchema.parse({
        topic,
        owner: squad,
        description: 'One of many.',
        partitions: 1,
        replicationFactor: 1,
        config: { 'retention.ms': '3d', 'segment.bytes': '64MiB' },
        classification: { level: 'internal' },
        producers: [{ service: `bench-producer-${index % services}`, squad }],
        ...(consumers && { consumers: [{ service: `bench-consumer-${index % services}`, squad }] }),
        ...(schemas !== undefined && { schema: { file: `${topic}.avsc`, compatibility: 'BACKWARD' } }),
      }),
      ...(schemas !== undefined && { schema: valueSchema(index, schemas) }),
    };
  }),
  overlays: {
    [environment]: overlaySchema.parse({
      environment,
      description: 'What the bench makes and removes again.',
      kafka: { tls: false },
    }),
  },
});
