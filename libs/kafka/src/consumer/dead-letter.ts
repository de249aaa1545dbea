import type { IHeaders, KafkaMessage } from 'kafkajs';
import { deadLetterTopic } from '@soma/contracts';
import { KafkaError, messageOf } from '../errors.js';

/** Why an event could not be handled. */
export type DeadLetterReason = 'undecodable' | 'unknown-schema' | 'handler-failed';

const reasonOf = (error: unknown): DeadLetterReason => {
  if (!(error instanceof KafkaError)) return 'handler-failed';
  if (error.code === 'PAYLOAD_UNDECODABLE') return 'undecodable';
  return error.code === 'SCHEMA_UNKNOWN' ? 'unknown-schema' : 'handler-failed';
};

/** Longest error text that a header carries; the record must stay below the topic's message size. */
const maxErrorLength = 4_000;

export interface Failure {
  readonly physicalTopic: string;
  readonly partition: number;
  readonly group: string;
  readonly attempts: number;
  readonly error: unknown;
  readonly at: Date;
}

/** The record for the dead-letter topic: the bytes untouched, the original headers, and why it is there. */
export const deadLetter = (message: KafkaMessage, failure: Failure) => {
  const headers: IHeaders = {
    ...message.headers,
    soma_dlq_reason: reasonOf(failure.error),
    soma_dlq_error: messageOf(failure.error).slice(0, maxErrorLength),
    soma_dlq_topic: failure.physicalTopic,
    soma_dlq_partition: String(failure.partition),
    soma_dlq_offset: message.offset,
    soma_dlq_timestamp: message.timestamp,
    soma_dlq_group: failure.group,
    soma_dlq_attempts: String(failure.attempts),
    soma_dlq_at: failure.at.toISOString(),
  };
  return { topic: deadLetterTopic(failure.physicalTopic), key: message.key, value: message.value, headers };
};
