import { Reader } from '@platformatic/kafka';

type Body = Buffer;

const text = (reader: Reader): string => reader.readString(false);

/**
 * Reads what the members of a classic group tell each other (ConsumerProtocolSubscription and -Assignment, which
 * brokers pass on unread). Bytes that are neither give no topics: any client may join with what it likes.
 */
const topicsOf = (body: Body, topic: (reader: Reader) => string): string[] => {
  if (body.length < 6) return [];
  try {
    const reader = Reader.from(body);
    reader.readInt16();
    return reader.readArray(topic, false, false);
  } catch {
    return [];
  }
};

/** Topics that a member subscribes to. */
export const subscribedTopics = (metadata: Body): string[] => topicsOf(metadata, text);

/** Topics of which a member is assigned partitions. */
export const assignedTopics = (assignment: Body): string[] =>
  topicsOf(assignment, (reader) => {
    const name = text(reader);
    reader.readArray((partition) => partition.readInt32(), false, false);
    return name;
  });
