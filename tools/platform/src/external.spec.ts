import { connectionEnv, externalServers, withoutOwn } from './external.js';

describe('externalServers', () => {
  it('finds none in an empty environment', () => {
    expect(externalServers({})).toEqual({});
  });

  it('takes Kafka with its credentials', () => {
    const env = {
      SOMA_KAFKA_BROKERS: 'a:9092, b:9092',
      SOMA_KAFKA_USERNAME: 'u',
      SOMA_KAFKA_PASSWORD: 'p',
      SOMA_KAFKA_TLS: 'true',
      SOMA_KAFKA_CA_FILE: '/ca.pem',
    };
    expect(externalServers(env)).toEqual({
      kafka: { brokers: ['a:9092', 'b:9092'], username: 'u', password: 'p', tls: true, caFile: '/ca.pem' },
    });
  });

  it.each(['SOMA_POSTGRES_URL', 'SOMA_REDIS_URL', 'SOMA_REGISTRY_URL'])(
    'refuses a wrong %s without showing it',
    (name) => {
      expect(() => externalServers({ [name]: 'top-secret' })).toThrow(`${name} is not a URL of the form`);
      expect(() => externalServers({ [name]: 'top-secret' })).not.toThrow('top-secret');
    },
  );

  it('names the file of a secret that it cannot read', () => {
    expect(() => externalServers({ SOMA_REDIS_URL_FILE: '/no/such/file' })).toThrow(
      'SOMA_REDIS_URL_FILE points to /no/such/file',
    );
  });
});

test('what goes out as variables comes back as the same connections', () => {
  const connections = {
    kafka: { brokers: ['a:1', 'b:2'], username: 'u', password: 'p', tls: false },
    registry: { url: 'http://r:8081/apis/ccompat/v7' },
    postgres: 'postgres://u:p@h:5432/d',
    redis: 'redis://u:p@h:6379/0',
  };
  expect(externalServers({ ...connectionEnv(connections) })).toEqual(connections);
});

describe('withoutOwn', () => {
  const own = {
    SOMA_KAFKA_BROKERS: '127.0.0.1:19092',
    SOMA_POSTGRES_URL: 'postgres://postgres:x@127.0.0.1:15432/postgres',
  };
  const shell = {
    PATH: '/bin',
    SOMA_KAFKA_BROKERS: '127.0.0.1:19092',
    SOMA_KAFKA_PASSWORD: 'x',
    SOMA_POSTGRES_URL: 'postgres://feed:y@127.0.0.1:15432/feed',
  };

  it('leaves out what a shell took from our own platform.env', () => {
    expect(withoutOwn(shell, own, [])).toEqual({ PATH: '/bin' });
  });

  it('keeps what was somebody else’s all along, and what points elsewhere', () => {
    expect(withoutOwn(shell, own, ['kafka', 'postgres'])).toEqual(shell);
    expect(withoutOwn({ SOMA_KAFKA_BROKERS: 'staging:9092' }, own, [])).toEqual({
      SOMA_KAFKA_BROKERS: 'staging:9092',
    });
  });
});
