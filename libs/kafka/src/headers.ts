import { randomUUID } from 'node:crypto';
import type { IHeaders } from 'kafkajs';

/** CloudEvents attributes of an event (binary mode: Kafka headers `ce_*`, CloudEvents Kafka binding 1.0). */
export interface EventHeaders {
  readonly id: string;
  readonly type: string;
  /** URI-reference of the service that produced the event. */
  readonly source: string;
  /** RFC 3339 time at which the event was produced. */
  readonly time: string;
  /** What the event is about: the record key. */
  readonly subject?: string;
}

/** What a producer may set itself; the rest is filled in. */
export interface HeaderInput {
  readonly id?: string;
  readonly time?: Date;
  readonly source: string;
  readonly type: string;
  readonly subject: string;
}

/** The Kafka headers of one event. */
export const cloudEventHeaders = ({ id, time, source, type, subject }: HeaderInput): IHeaders => ({
  ce_specversion: '1.0',
  ce_id: id ?? randomUUID(),
  ce_type: type,
  ce_source: source,
  ce_time: (time ?? new Date()).toISOString(),
  ce_subject: subject,
  'content-type': 'application/vnd.apache.avro',
});

/** One header as text; a header that was sent twice counts by its last value. */
export const headerText = (headers: IHeaders | undefined, name: string): string | undefined => {
  const value = headers?.[name];
  const last = Array.isArray(value) ? value.at(-1) : value;
  return last === undefined ? undefined : last.toString();
};

/** The CloudEvents attributes of a record; undefined when a foreign producer did not write them. */
export const readEventHeaders = (headers: IHeaders | undefined): EventHeaders | undefined => {
  const id = headerText(headers, 'ce_id');
  const type = headerText(headers, 'ce_type');
  const source = headerText(headers, 'ce_source');
  const time = headerText(headers, 'ce_time');
  if (id === undefined || type === undefined || source === undefined || time === undefined) return undefined;
  const subject = headerText(headers, 'ce_subject');
  return { id, type, source, time, ...(subject !== undefined && { subject }) };
};
