import { servicePrincipals } from '@soma/contracts';
import fc from 'fast-check';
import { catalogue } from '../../test/catalogue.js';
import { specs as someSpecs } from '../../test/states.js';
import { aclName, provisionerAcls, serviceAcls } from './acls.js';

const specs = catalogue().topics.map(({ spec }) => spec);
const words = (prefix: string) => serviceAcls(servicePrincipals(specs), prefix).map(aclName);

describe('serviceAcls', () => {
  it('lets each service do what the catalogue says, and nothing more', () => {
    expect(words('').toSorted()).toEqual([
      'User:ledger ALLOW DESCRIBE GROUP ledger*',
      'User:ledger ALLOW DESCRIBE TOPIC invoices.sent',
      'User:ledger ALLOW DESCRIBE TOPIC orders.created',
      'User:ledger ALLOW DESCRIBE TOPIC orders.created.dlq',
      'User:ledger ALLOW READ GROUP ledger*',
      'User:ledger ALLOW READ TOPIC orders.created',
      'User:ledger ALLOW WRITE TOPIC invoices.sent',
      'User:ledger ALLOW WRITE TOPIC orders.created.dlq',
      'User:shop ALLOW DESCRIBE TOPIC orders.created',
      'User:shop ALLOW WRITE TOPIC orders.created',
    ]);
  });

  it('puts the prefix before every topic and group', () => {
    expect(words('test.')).toHaveLength(words('').length);
    expect(words('test.').every((acl) => acl.includes(' test.'))).toBe(true);
  });

  it('never repeats a right, and never gives one that no spec asks for', () => {
    fc.assert(
      fc.property(someSpecs, (chosen) => {
        const acls = serviceAcls(servicePrincipals(chosen), '');
        expect(new Set(acls.map(aclName)).size).toBe(acls.length);
        for (const { principal, resourceType, resourceName, operation, permission } of acls) {
          const service = principal.slice('User:'.length);
          const writes = chosen.flatMap(({ topic, producers, consumers }) => [
            ...(producers.some((one) => one.service === service) ? [topic] : []),
            ...(consumers.some((one) => one.service === service) ? [`${topic}.dlq`] : []),
          ]);
          const reads = chosen.filter(({ consumers }) => consumers.some((one) => one.service === service));
          const groups = reads.flatMap(({ consumers }) => consumers.map(({ group }) => group));
          const named: Partial<Record<typeof resourceType, string[]>> = {
            TOPIC: [...writes, ...reads.map(({ topic }) => topic)],
            GROUP: groups,
            CLUSTER: [],
            TRANSACTIONAL_ID: [],
          };
          expect(named[resourceType]).toContain(resourceName);
          expect(['READ', 'WRITE', 'DESCRIBE']).toContain(operation);
          expect(permission).toBe('ALLOW');
          if (operation === 'WRITE') expect(writes).toContain(resourceName);
        }
      }),
    );
  });
});

describe('provisionerAcls', () => {
  it('lets it shape topics and ACLs, but neither read, write nor delete', () => {
    for (const prefix of ['', 'test.']) {
      const operations = new Set(
        provisionerAcls('topic-provisioner', prefix).map(({ operation }) => operation),
      );
      for (const operation of ['READ', 'WRITE', 'DELETE', 'ALL'] as const)
        expect(operations).not.toContain(operation);
    }
  });

  it('keeps to its prefix', () => {
    const topics = provisionerAcls('topic-provisioner', 'test.').filter(
      ({ resourceType }) => resourceType === 'TOPIC',
    );
    expect(
      topics.every(({ resourceName, patternType }) => resourceName === 'test.' && patternType === 'PREFIXED'),
    ).toBe(true);
  });
});

it('words two ACLs alike only if they are', () => {
  const [acl] = provisionerAcls('topic-provisioner', '');
  if (!acl) throw new Error('the provisioner needs no right');
  expect(aclName({ ...acl, host: '10.0.0.1' })).not.toBe(aclName(acl));
  expect(aclName({ ...acl, patternType: 'PREFIXED' })).not.toBe(aclName(acl));
});
