import { randomBytes } from 'node:crypto';
import type { Suite } from './suite.js';
import { type ApplySizes, measureApply } from './topics/apply.js';
import { type Bench, interruptible } from './topics/bench.js';
import { generatedCatalogue } from './topics/catalogue.js';
import { measureMemory } from './topics/memory.js';
import { measurePlan } from './topics/plan.js';
import { onSite, provisionerAt } from './topics/site.js';

/** How much the suite makes. */
export interface TopicsSizes {
  readonly apply: ApplySizes;
  /** Topics that stand when nothing is to be done. */
  readonly many: number;
  /** Some of them, to see what grows with their number. */
  readonly few: number;
}

/** The sizes that the aims speak of. */
export const fullSizes: TopicsSizes = {
  apply: { topics: 1_000, sample: 50, rounds: 3 },
  many: 10_000,
  few: 1_000,
};

const shape = { consumers: false };

/** The topics that the process with the measured memory creates are those that are planned here afterwards. */
const measureMany = (bench: Bench, { many, few }: TopicsSizes) => {
  const prefix = `${bench.prefix}many.`;
  return onSite(bench.connection, prefix, generatedCatalogue(many, shape), async ({ provisioner }) => {
    const memory = await measureMemory({ ...bench, prefix }, many);
    const fewer = provisionerAt(bench.connection, prefix, generatedCatalogue(few, shape));
    try {
      return [...(await measurePlan(bench, provisioner, fewer)), memory];
    } finally {
      await fewer.close();
    }
  });
};

/** The topic-provisioner against the bare calls that it makes. */
export const topics =
  (sizes: TopicsSizes): Suite =>
  (connection, progress) =>
    interruptible(async (signal) => {
      const prefix = `bench-${randomBytes(4).toString('hex')}.`;
      const bench = { connection, prefix, progress, signal };
      const apply = await measureApply(bench, sizes.apply);
      return [...(await measureMany(bench, sizes)), ...apply];
    });
