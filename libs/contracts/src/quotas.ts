/**
 * Client quotas of Kafka, by the broker's names: bytes a second for producing and consuming, percent of a broker's
 * request threads, partition mutations a second (KIP-13, KIP-124, KIP-599). Each holds per broker.
 */
export const quotaNames = [
  'producer_byte_rate',
  'consumer_byte_rate',
  'request_percentage',
  'controller_mutation_rate',
] as const;

/** Limits by service, and by name within a service. */
export type Quotas = Readonly<Record<string, Readonly<Partial<Record<(typeof quotaNames)[number], number>>>>>;
