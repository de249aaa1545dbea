import { Applier } from '@soma/topic-provisioner';
import { compareTimes, type Measurement, median } from '../../measurement.js';
import { generatedCatalogue } from './catalogue.js';
import { withJournalAt, withJournalDatabase } from './journal.js';
import { createBatched, createOneByOne, sorted } from './mutations.js';
import type { Bench } from './bench.js';
import { onSite, type Site } from './site.js';

export interface ApplySizes {
  readonly topics: number;
  /** Topics that are made with one request for each resource; the time is scaled to `topics`. */
  readonly sample: number;
  readonly rounds: number;
}

const mostAtMost = 1.5;
const timesFaster = 20;

const counted = (mutations: Site['mutations']): string => {
  const { topics, schemas, acls } = sorted(mutations);
  return `${topics.length} topics with dead letters, ${schemas.length} schemas, ${acls.length} ACLs`;
};

/** Times `Applier.apply` on an empty prefix against the same changes made with the bare calls. */
export const measureApply = (
  { connection, prefix, progress, signal }: Bench,
  { topics, sample, rounds }: ApplySizes,
): Promise<Measurement[]> =>
  withJournalDatabase(connection, (url) =>
    withJournalAt(url, async (journal) => {
      let made = '';
      const catalogueOf = (name: string, size: number) =>
        generatedCatalogue(size, { consumers: true, schemas: prefix + name });
      /** Seconds of one pass on a prefix of its own; what it made is removed outside of them. */
      const pass = (name: string, size: number, work: (site: Site) => Promise<unknown>): Promise<number> =>
        onSite(connection, `${prefix}${name}.`, catalogueOf(name, size), async (site) => {
          signal.throwIfAborted();
          if (size === topics) made = counted(site.mutations);
          const from = performance.now();
          await work(site);
          const seconds = (performance.now() - from) / 1000;
          progress(`topics: ${name}: ${counted(site.mutations)} in ${seconds.toFixed(2)} s`);
          return seconds;
        });
      const contestants = {
        apply: async ({ provisioner }: Site): Promise<void> => {
          const { applied, left } = await new Applier(provisioner, journal).apply({
            request: {},
            by: 'bench',
            onProgress: () => signal.throwIfAborted(),
          });
          const refused = applied.filter(({ outcome }) => !outcome.ok).length + left.length;
          if (refused > 0) throw new Error(`${refused} changes were not applied`);
        },
        batched: ({ provisioner, mutations }: Site) => createBatched(provisioner, mutations, signal),
        single: ({ provisioner, mutations }: Site) => createOneByOne(provisioner, mutations, signal),
      };
      const names = ['apply', 'batched', 'single'] as const;
      const seconds: Record<(typeof names)[number], number[]> = { apply: [], batched: [], single: [] };
      for (const name of names) await pass(`${name}-warm-up`, sample, contestants[name]);
      for (let round = 1; round <= rounds; round += 1) {
        for (const name of round % 2 === 0 ? names : names.toReversed()) {
          const size = name === 'single' ? sample : topics;
          seconds[name].push((await pass(`${name}-${round}`, size, contestants[name])) * (topics / size));
        }
      }
      const row = { suite: 'topics', scenario: `apply ${made}`, unit: 's' };
      const oneByOne = median(seconds.apply.map((one, round) => one / (seconds.single[round] ?? NaN)));
      return [
        compareTimes(
          { subject: seconds.apply, baseline: seconds.batched },
          { ...row, metric: 'time, to bare batched calls', atMost: mostAtMost },
        ),
        {
          ...row,
          metric: `time, to one request each (${sample} topics, scaled)`,
          value: Number(median(seconds.apply).toFixed(2)),
          baseline: Number(median(seconds.single).toFixed(2)),
          ratio: Number(oneByOne.toFixed(3)),
          aim: `ratio ≤ ${1 / timesFaster} (${timesFaster} times faster)`,
          holds: oneByOne <= 1 / timesFaster,
        },
      ];
    }),
  );
