import { pbkdf2Sync, randomBytes } from 'node:crypto';
import kafkajs from 'kafkajs';

const { Kafka, logLevel } = kafkajs;

/** A bare kafkajs client: what any consumer of the platform would use. */
export const client = ({ brokers, username, password }) =>
  new Kafka({
    clientId: 'platform-test',
    brokers: [...brokers],
    ...(username && { sasl: { mechanism: 'scram-sha-512', username, password } }),
    connectionTimeout: 2000,
    authenticationTimeout: 2000,
    retry: { retries: 0 },
    logLevel: logLevel.NOTHING,
  });

const withAdmin = async (connection, work) => {
  const admin = client(connection).admin();
  try {
    await admin.connect();
    return await work(admin);
  } finally {
    await admin.disconnect();
  }
};

export const describe = (connection) =>
  withAdmin(connection, async (admin) => ({ brokers: (await admin.describeCluster()).brokers.length }));

/** SCRAM users over the Kafka protocol. */
export const upsertScram = async (connection, users) => {
  const { Admin, alterUserScramCredentialsV0 } = await import('@platformatic/kafka');
  const admin = new Admin({
    clientId: 'platform-test',
    bootstrapBrokers: [...connection.brokers],
    sasl: { mechanism: 'SCRAM-SHA-512', username: connection.username, password: connection.password },
  });
  try {
    await new Promise((resolve, reject) => {
      admin.connectToBrokers(null, (error, connections) => {
        if (error) return reject(error);
        const [first] = connections.values();
        const iterations = 4096;
        const credentials = users.map(({ name, password }) => {
          const salt = randomBytes(32);
          return {
            name,
            mechanism: 2,
            iterations,
            salt,
            saltedPassword: pbkdf2Sync(password, salt, iterations, 64, 'sha512'),
          };
        });
        alterUserScramCredentialsV0.api.async(first, [], credentials).then(resolve, reject);
      });
    });
  } finally {
    await admin.close();
  }
};
