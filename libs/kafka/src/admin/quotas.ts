import {
  alterClientQuotasV1,
  ClientQuotaEntityTypes,
  ClientQuotaMatchTypes,
  describeClientQuotasV0,
} from '@platformatic/kafka';
import { type Answer, outcome, refuse } from './answers.js';
import type { Brokers } from './brokers.js';
import { mutate } from './mutate.js';
import type { MutationOptions, Quota, QuotaChange } from './types.js';

const user = ClientQuotaEntityTypes.USER;

export const describeQuotas = async (brokers: Brokers): Promise<Quota[]> => {
  const anyUser = { entityType: user, matchType: ClientQuotaMatchTypes.ANY };
  // Strict: entities with a client id or an address beside the user are not shown.
  const answer = await brokers.ask(describeClientQuotasV0, [anyUser], true);
  if (answer.errorCode !== 0) refuse('DescribeClientQuotas', answer);
  return answer.entries.map(({ entity, values }) => ({
    user: entity[0]?.entityName ?? null,
    values: Object.fromEntries(values.map(({ key, value }) => [key, value])),
  }));
};

export const alterQuotas = (
  brokers: Brokers,
  changes: readonly QuotaChange[],
  options?: MutationOptions<string | null>,
) =>
  mutate(
    {
      items: changes,
      key: (change) => change.user,
      send: async (batch) => {
        const request = batch.map((change) => ({
          entities: [{ entityType: user, entityName: change.user }],
          ops: Object.entries(change.values).map(([key, value]) => ({ key, value, remove: value === null })),
        }));
        const answer = await brokers.ask(alterClientQuotasV1, request as never, false);
        const byUser = new Map(answer.entries.map((entry) => [entry.entity[0]?.entityName ?? null, entry]));
        const noAnswer: Answer = { errorCode: -1, errorMessage: 'the broker did not answer for this user' };
        return { ...answer, outcomes: batch.map((change) => outcome(byUser.get(change.user) ?? noAnswer)) };
      },
    },
    options,
  );
