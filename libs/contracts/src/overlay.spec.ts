import fc from 'fast-check';
import { override, overrides, specs } from '../test/specs.js';
import { applyOverlay, type Overlay, overlaySchema } from './overlay.js';

const overlay = (more: Partial<Overlay> = {}): Overlay => ({
  environment: 'staging',
  description: 'A test.',
  kafka: { tls: true },
  defaults: {},
  topics: {},
  quotas: {},
  ...more,
});

describe('applyOverlay', () => {
  it('changes nothing if the overlay says nothing', () => {
    fc.assert(
      fc.property(specs, (all) => {
        expect(applyOverlay(all, overlay())).toEqual(all);
      }),
    );
  });

  it('lets the last word count, setting by setting, and touches nothing else', () => {
    fc.assert(
      fc.property(specs, override, overrides, (all, defaults, topics) => {
        const changed = applyOverlay(all, overlay({ defaults, topics }));
        expect(changed).toHaveLength(all.length);
        for (const [index, before] of all.entries()) {
          const own = topics[before.topic] ?? {};
          expect(changed[index]).toEqual({
            ...before,
            partitions: own.partitions ?? defaults.partitions ?? before.partitions,
            replicationFactor:
              own.replicationFactor ?? defaults.replicationFactor ?? before.replicationFactor,
            config: { ...before.config, ...defaults.config, ...own.config },
          });
        }
      }),
    );
  });

  it('keeps defaults away from a topic that was adopted, and lets its own entry count', () => {
    fc.assert(
      fc.property(specs, override, overrides, (all, defaults, topics) => {
        const adopted = all.map((spec) => ({ ...spec, adopted: true }) as const);
        const without = applyOverlay(adopted, overlay({ topics }));
        expect(applyOverlay(adopted, overlay({ defaults, topics }))).toEqual(without);
      }),
    );
  });

  it('is the same twice as once', () => {
    fc.assert(
      fc.property(specs, override, overrides, (all, defaults, topics) => {
        const once = applyOverlay(all, overlay({ defaults, topics }));
        expect(applyOverlay(once, overlay({ defaults, topics }))).toEqual(once);
      }),
    );
  });
});

describe('overlaySchema', () => {
  it('takes partitions, replication factor and configuration, and refuses the rest', () => {
    const parsed = overlaySchema.safeParse({
      ...overlay(),
      topics: {
        'settings.changed': { partitions: 12, config: { 'retention.ms': '1d' }, owner: 'infra-ops' },
      },
    });
    expect(parsed.error?.issues).toEqual([
      expect.objectContaining({
        code: 'unrecognized_keys',
        path: ['topics', 'settings.changed'],
        keys: ['owner'],
      }),
    ]);
  });

  it('reads rates of quotas as people write them', () => {
    const quotas = { shop: { producer_byte_rate: '10MiB', request_percentage: 50 } };
    expect(overlaySchema.parse({ ...overlay(), quotas }).quotas).toEqual({
      shop: { producer_byte_rate: 10_485_760, request_percentage: 50 },
    });
    for (const wrong of [{ producer_byte_rate: 0 }, { producer_byte_rate: '-1' }, { bytes: 1 }])
      expect(overlaySchema.safeParse({ ...overlay(), quotas: { shop: wrong } }).success).toBe(false);
  });
});
