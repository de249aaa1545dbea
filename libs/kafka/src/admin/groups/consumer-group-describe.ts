import { consumerGroupDescribeV0, type Reader } from '@platformatic/kafka';
import type { Protocol } from '../protocol.js';

/** A group of the new protocol (KIP-848), and what its members subscribe to and are assigned. */
export interface ConsumerGroup {
  readonly errorCode: number;
  readonly errorMessage: string | null;
  readonly groupId: string;
  readonly groupState: string;
  readonly members: readonly { readonly topics: readonly string[] }[];
}

interface Answer {
  readonly throttleTimeMs: number;
  readonly groups: readonly ConsumerGroup[];
}

const assignedTopics = (reader: Reader): string[] => {
  const topics = reader.readArray((one) => {
    one.readUUID();
    const name = one.readString();
    one.readArray(() => one.readInt32(), true, false);
    return name;
  });
  reader.readTaggedFields();
  return topics;
};

const member = (reader: Reader) => {
  reader.readString(); // member id
  reader.readNullableString(); // instance id
  reader.readNullableString(); // rack id
  reader.readInt32(); // epoch
  reader.readString(); // client id
  reader.readString(); // host
  const subscribed = reader.readArray(() => reader.readString(), true, false);
  reader.readNullableString(); // regular expression
  const assigned = assignedTopics(reader);
  assignedTopics(reader); // the target, on its way
  return { topics: [...new Set([...subscribed, ...assigned])] };
};

const group = (reader: Reader): ConsumerGroup => {
  const errorCode = reader.readInt16();
  const errorMessage = reader.readNullableString();
  const groupId = reader.readString();
  const groupState = reader.readString();
  reader.readInt32(); // group epoch
  reader.readInt32(); // assignment epoch
  reader.readString(); // assignor
  const members = reader.readArray(member);
  reader.readInt32(); // authorized operations
  return { errorCode, errorMessage, groupId, groupState, members };
};

/**
 * ConsumerGroupDescribe with an answer of our own: the client reads the list of subscribed topics as one string, so
 * it fails for every group that has members.
 */
export const consumerGroupDescribe: Protocol<[groups: string[], withOperations: boolean], Answer> = {
  api: consumerGroupDescribeV0.api as never,
  createRequest: consumerGroupDescribeV0.createRequest,
  parseResponse: (_correlationId, _apiKey, _apiVersion, reader) => ({
    throttleTimeMs: reader.readInt32(),
    groups: reader.readArray(group),
  }),
};
