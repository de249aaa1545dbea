import { describeGroupsV5, listGroupsV5, offsetFetchV8 } from '@platformatic/kafka';
import { type Answer, errorName, refuse } from '../answers.js';
import { batchByCount } from '../batch.js';
import type { Brokers } from '../brokers.js';
import { consumerGroupDescribe } from './consumer-group-describe.js';
import { assignedTopics, subscribedTopics } from './consumer-protocol.js';
import type { GroupFacts } from './join.js';

const groupsPerRequest = 500;
const noMembersShown = 'streams';
const shareType = 'share';

/** A group that is on its way to another coordinator: the same question again finds it there. */
export class GroupMoved extends Error {
  override readonly name = 'GroupMoved';
}

const moving = new Set(['NOT_COORDINATOR', 'COORDINATOR_NOT_AVAILABLE', 'COORDINATOR_LOAD_IN_PROGRESS']);
const gone = new Set(['GROUP_ID_NOT_FOUND', 'GROUP_AUTHORIZATION_FAILED']);

/** Whether the group is shown; throws when it moved or the answer is a refusal. */
const isShown = (call: string, answer: Answer): boolean => {
  if (answer.errorCode === 0) return true;
  const name = errorName(answer.errorCode);
  if (moving.has(name)) throw new GroupMoved(`${call}: ${name}`);
  return gone.has(name) ? false : refuse(call, answer);
};

type Shown = Pick<GroupFacts, 'state' | 'members'>;

const classicGroups = async (brokers: Brokers, broker: number, names: string[]) => {
  const { groups } = await brokers.askBroker(broker, describeGroupsV5, names, false);
  return groups
    .filter((group) => isShown('DescribeGroups', group))
    .map(({ groupId, groupState, protocolType, members }): [string, Shown] => [
      groupId,
      {
        state: groupState,
        // Other protocols (Connect has one) do not read topics by subscription.
        members: (protocolType === 'consumer' ? members : []).map(({ memberMetadata, memberAssignment }) =>
          memberMetadata.length + memberAssignment.length === 0
            ? undefined
            : [...new Set([...subscribedTopics(memberMetadata), ...assignedTopics(memberAssignment)])],
        ),
      },
    ]);
};

const consumerGroups = async (brokers: Brokers, broker: number, names: string[]) => {
  const { groups } = await brokers.askBroker(broker, consumerGroupDescribe, names, false);
  return groups
    .filter((group) => isShown('ConsumerGroupDescribe', group))
    .map(({ groupId, groupState, members }): [string, Shown] => [
      groupId,
      { state: groupState, members: members.map(({ topics }) => topics) },
    ]);
};

const committedOffsets = async (brokers: Brokers, broker: number, names: string[]) => {
  // No topics asks for all that the group has committed.
  const request = names.map((groupId) => ({ groupId, memberEpoch: -1, topics: null }));
  const { groups } = await brokers.askBroker(broker, offsetFetchV8, request, false);
  return groups
    .filter((group) => isShown('OffsetFetch', group))
    .map(({ groupId, topics }): [string, GroupFacts['committed']] => [
      groupId,
      topics.flatMap(({ name, partitions }) =>
        partitions
          .filter(({ errorCode, committedOffset }) => errorCode === 0 && committedOffset >= 0n)
          .map((one) => ({ topic: name, partition: one.partitionIndex, offset: one.committedOffset })),
      ),
    ]);
};

const inBatches = async <T>(names: string[], ask: (batch: string[]) => Promise<[string, T][]>) => {
  const answers: [string, T][] = [];
  for (const batch of batchByCount(names, groupsPerRequest)) answers.push(...(await ask(batch)));
  return new Map(answers);
};

/** Every group that this broker coordinates (it lists no others), with its members and committed offsets. */
export const coordinatedGroups = async (brokers: Brokers, broker: number): Promise<GroupFacts[]> => {
  const listed = await brokers.askBroker(broker, listGroupsV5, [], []);
  isShown('ListGroups', listed);
  const groups = listed.groups
    .map((one) => ({ group: one.groupId, type: one.groupType.toLowerCase(), state: one.groupState }))
    .filter(({ type }) => type !== shareType);
  const ofType = (wanted: string) => groups.filter(({ type }) => type === wanted).map(({ group }) => group);
  const shown = new Map([
    ...(await inBatches(ofType('classic'), (batch) => classicGroups(brokers, broker, batch))),
    ...(await inBatches(ofType('consumer'), (batch) => consumerGroups(brokers, broker, batch))),
    ...groups
      .filter(({ type }) => type === noMembersShown)
      .map(({ group, state }): [string, Shown] => [group, { state, members: [] }]),
  ]);
  const committed = await inBatches([...shown.keys()], (batch) => committedOffsets(brokers, broker, batch));
  return groups.flatMap(({ group, type }) => {
    const facts = shown.get(group);
    return facts ? [{ group, type, ...facts, committed: committed.get(group) ?? [] }] : [];
  });
};
