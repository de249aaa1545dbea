import { readFile } from 'node:fs/promises';
import { catalogue } from '../../test/catalogue.js';
import { unmanaging, withoutEntry } from './unmanage.js';

const overlay = `# A laptop.
environment: local
description: Here; small,   and  odd.
kafka: { tls: false } # plain
topics:
  # Ours.
  orders.created:
    config: { retention.ms: 30d }

  # Theirs.
  invoices.sent: { partitions: 2 } # few
`;

describe('withoutEntry', () => {
  it('takes out one entry and leaves every other line as it is', () => {
    expect(withoutEntry(overlay, 'invoices.sent')).toBe(overlay.replace(/\n\n {2}# Theirs\.\n.*\n$/, '\n'));
  });

  it('takes out the list with its last entry', () => {
    const once = withoutEntry(overlay, 'orders.created') ?? '';
    expect(once).toContain('  # Theirs.\n  invoices.sent: { partitions: 2 } # few\n');
    expect(withoutEntry(once, 'invoices.sent')).toBe(overlay.slice(0, overlay.indexOf('topics:')));
  });

  it('has nothing to do for a topic that an overlay does not name', () => {
    expect(withoutEntry(overlay, 'orders')).toBeUndefined();
    expect(withoutEntry('environment: local\n', 'orders.created')).toBeUndefined();
  });

  it('leaves the overlays of this repository as they are but for the entry', async () => {
    const prod = await readFile(
      new URL('../../../../schemas/environments/prod.yaml', import.meta.url),
      'utf8',
    );
    expect(withoutEntry(prod, 'slm.responses')).toBe(
      prod.replace('  slm.responses:\n    partitions: 24\n', ''),
    );
  });
});

describe('unmanaging', () => {
  const files = [{ path: 'environments/local.yaml', text: overlay }];

  it('names files, overlays and the rights that are declared no more', () => {
    expect(unmanaging(files, catalogue(), 'orders.created')).toEqual({
      remove: ['infra-ops/orders.created.yaml', 'infra-ops/orders.created.avsc'],
      rewrite: [{ path: 'environments/local.yaml', text: expect.not.stringContaining('orders') as string }],
      undeclared: {
        'User:shop': [
          'User:shop ALLOW WRITE TOPIC orders.created',
          'User:shop ALLOW DESCRIBE TOPIC orders.created',
        ],
        'User:ledger': [
          'User:ledger ALLOW READ TOPIC orders.created',
          'User:ledger ALLOW DESCRIBE TOPIC orders.created',
          'User:ledger ALLOW READ GROUP ledger*',
          'User:ledger ALLOW DESCRIBE GROUP ledger*',
          'User:ledger ALLOW WRITE TOPIC orders.created.dlq',
          'User:ledger ALLOW DESCRIBE TOPIC orders.created.dlq',
        ],
      },
    });
  });

  it('keeps a schema that another spec names', () => {
    const shared = catalogue({ schema: { file: 'invoices.sent.avsc', compatibility: 'NONE' } });
    expect(unmanaging([], shared, 'orders.created')?.remove).toEqual(['infra-ops/orders.created.yaml']);
  });

  it('knows nothing of a topic that is not there, dead letters included', () => {
    expect(unmanaging(files, catalogue(), 'orders.created.dlq')).toBeUndefined();
  });
});
