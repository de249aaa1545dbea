import { defaultPorts } from '../ports.js';
import { kafkaProperties, renderProperties } from './kafka-config.js';

const properties = kafkaProperties({
  node: 'kafka-2',
  ports: defaultPorts(),
  dataFolder: '/somewhere/kafka-2',
  passwords: { broker: 'b-secret', controller: 'c-secret' },
});

test('a node knows itself, its peers and its three listeners', () => {
  expect(properties['node.id']).toBe('2');
  expect(properties['controller.quorum.voters']).toBe(
    '1@127.0.0.1:19292,2@127.0.0.1:19293,3@127.0.0.1:19294',
  );
  expect(properties['listeners']).toBe(
    'CLIENT://127.0.0.1:19093,INTERNAL://127.0.0.1:19193,CONTROLLER://127.0.0.1:19293',
  );
  expect(properties['advertised.listeners']).not.toContain('CONTROLLER');
});

test('nobody gets in without a login and nothing is allowed without an ACL', () => {
  expect(properties['listener.security.protocol.map']).not.toMatch(/:PLAINTEXT|:SSL/);
  expect(properties['allow.everyone.if.no.acl.found']).toBe('false');
  expect(properties['super.users']).toBe('User:admin;User:broker;User:controller');
});

test('what is written survives the loss of a broker', () => {
  expect(properties).toMatchObject({
    'default.replication.factor': '3',
    'min.insync.replicas': '2',
    'unclean.leader.election.enable': 'false',
    'auto.create.topics.enable': 'false',
  });
});

test('a properties file has one line per setting, with backslashes doubled', () => {
  expect(renderProperties({ a: '1', path: 'C:\\x' })).toBe('a=1\npath=C:\\\\x\n');
});
