import { environmentSpecs, servicePrincipals } from '@soma/contracts';
import { shippedSchemas, withFiles } from '../test/directory.js';
import { orders } from '../test/orders.js';
import { checkCatalogue, loadCatalogue } from './load-catalogue.js';

const shipped = async () => {
  const result = await loadCatalogue(shippedSchemas);
  if (!result.ok) throw new Error(JSON.stringify(result.problems, null, 2));
  return result;
};

describe('the shipped catalogue', () => {
  it('is right, without a warning', async () => {
    const { catalogue, problems } = await shipped();
    expect(problems).toEqual([]);
    expect(
      catalogue.topics.map(({ spec }) => `${spec.topic} ${spec.owner} ${spec.key?.field ?? ''}`),
    ).toEqual([
      'billing.events identity-settings tenant_id',
      'constitution.updated memory-constitution tenant',
      'identity.audit identity-settings subject',
      'infra.notifications infra-ops dedupe_key',
      'policy.decisions policy-orchestration session_id',
      'settings.changed identity-settings tenant',
      'slm.requests slm-execution session_id',
      'slm.responses slm-execution session_id',
    ]);
  });

  it('is shared between squads under FULL_TRANSITIVE, on three brokers, written by two at least', async () => {
    const { catalogue } = await shipped();
    for (const { spec } of catalogue.topics) {
      expect(spec.schema?.compatibility).toBe('FULL_TRANSITIVE');
      expect(spec.replicationFactor).toBe(3);
      expect(spec.config['min.insync.replicas']).toBe('2');
    }
  });

  it('has an overlay for each environment', async () => {
    const { catalogue } = await shipped();
    expect(Object.keys(catalogue.overlays)).toEqual(['local', 'prod', 'staging']);
    const prod = environmentSpecs(catalogue, 'prod')?.find(({ topic }) => topic === 'slm.requests');
    expect(prod?.partitions).toBe(24);
    expect(environmentSpecs(catalogue, 'moon')).toBeUndefined();
  });

  it('gives the feed what it reads and tells, and no more', async () => {
    const { catalogue } = await shipped();
    const feed = servicePrincipals(catalogue.topics.map(({ spec }) => spec)).find(
      ({ service }) => service === 'notification-feed',
    );
    expect(feed?.consumes.map(({ topic }) => topic)).toEqual([
      'billing.events',
      'constitution.updated',
      'identity.audit',
      'infra.notifications',
      'policy.decisions',
      'settings.changed',
    ]);
    expect(feed?.produces).toEqual(['identity.audit', 'infra.notifications']);
  });
});

describe('loadCatalogue', () => {
  it('keeps the examples beside the schema, not in it', async () => {
    await withFiles(orders, async (directory) => {
      const result = await loadCatalogue(directory);
      const topic = result.ok ? result.catalogue.topics[0] : undefined;
      expect(topic?.annotated?.fields[1]?.examples).toEqual([1, 9]);
      expect(topic?.schema?.fields[1]).not.toHaveProperty('examples');
    });
  });

  it('says so if the directory is missing or has no topic', async () => {
    expect(await loadCatalogue('/nowhere/schemas')).toMatchObject({
      ok: false,
      problems: [{ file: '/nowhere/schemas', message: expect.stringContaining('cannot be read') as string }],
    });
    await withFiles({ 'README.md': 'Nothing yet.' }, async (directory) => {
      expect(await loadCatalogue(directory)).toMatchObject({
        ok: false,
        problems: [{ message: 'there is no topic in it' }],
      });
    });
  });
});

describe('checkCatalogue', () => {
  it('sums up', async () => {
    expect(await checkCatalogue(shippedSchemas)).toEqual({
      ok: true,
      problems: [],
      summary: '8 topics, 15 services, 3 environments: 0 errors, 0 warnings',
    });
    await withFiles({ ...orders, 'infra-ops/notes.txt': '' }, async (directory) => {
      expect(await checkCatalogue(directory)).toMatchObject({ ok: false, summary: '1 error, 0 warnings' });
    });
  });
});
