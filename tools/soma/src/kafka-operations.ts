import { createAdmin, describeBrokers, type KafkaSettings } from '@soma/kafka';
import { readFileSync } from 'node:fs';
import type { KafkaConnection, KafkaOperations } from '@soma/platform';

const settingsOf = ({ brokers, username, password, tls, caFile }: KafkaConnection): KafkaSettings => ({
  brokers,
  ...(username !== undefined && { username, password: password ?? '' }),
  ...(tls && { tlsCa: caFile === undefined ? [] : [readFileSync(caFile, 'utf8')] }),
  topicPrefix: '',
});

/** What the platform asks of Kafka, in the words of libs/kafka. */
export const kafkaOperations: KafkaOperations = {
  describe: (connection) => describeBrokers(settingsOf(connection)),
  upsertScram: async (connection, users) => {
    const admin = createAdmin(settingsOf(connection), 'soma-platform');
    try {
      const outcomes = await admin.upsertScramUsers(users);
      const refused = [...outcomes].flatMap(([name, outcome]) =>
        outcome.ok ? [] : [`${name}: ${outcome.message}`],
      );
      if (refused.length > 0) throw new Error(`Kafka did not take these users: ${refused.join('; ')}`);
    } finally {
      await admin.close();
    }
  },
};
