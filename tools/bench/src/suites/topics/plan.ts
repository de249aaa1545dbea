import type { ClusterAdmin } from '@soma/kafka';
import type { Provisioner } from '@soma/topic-provisioner';
import { compareTimes, type Measurement } from '../../measurement.js';
import type { Bench } from './bench.js';

const rounds = 9;
const warmUpRounds = 2;
const requestsAtMost = 20;
const ratioAtMost = 1.5;

const sent = ({ requests }: ClusterAdmin, api?: string): number =>
  [...requests].reduce((sum, [name, count]) => (api === undefined || name === api ? sum + count : sum), 0);

/** The same answers, asked side by side as a plan asks them, and nothing done with them. */
const bareCalls = async ({ admin, desired: { topics, quotas } }: Provisioner): Promise<void> => {
  const keys = [...new Set(topics.flatMap(({ config }) => Object.keys(config)))];
  const configs = async () => {
    const listed = new Set((await admin.listTopics()).map(({ name }) => name));
    const names = topics.map(({ name }) => name).filter((name) => listed.has(name));
    await admin.describeTopicConfigs(names, keys);
  };
  await Promise.all([
    configs(),
    admin.listAcls(),
    quotas.length > 0 ? admin.describeQuotas() : Promise.resolve([]),
  ]);
};

const planNothing = async (provisioner: Provisioner): Promise<void> => {
  const { changes } = await provisioner.plan();
  if (changes.length > 0) throw new Error(`${changes.length} changes are planned where none should be`);
};

const timed = async (work: () => Promise<void>): Promise<number> => {
  const from = performance.now();
  await work();
  return performance.now() - from;
};

/** Requests to the brokers of one call, and those of them that are batches of configs. */
const requestsOf = async (
  { admin }: Provisioner,
  work: () => Promise<void>,
): Promise<{ all: number; batches: number }> => {
  const before = { all: sent(admin), batches: sent(admin, 'DescribeConfigs') };
  await work();
  return { all: sent(admin) - before.all, batches: sent(admin, 'DescribeConfigs') - before.batches };
};

/** Plans where nothing is to be done: `many` topics that stand, and `few` of them, against the bare calls. */
export const measurePlan = async (
  { progress, signal }: Pick<Bench, 'progress' | 'signal'>,
  many: Provisioner,
  few: Provisioner,
): Promise<Measurement[]> => {
  const [size, fewer] = [many.desired.topics.length, few.desired.topics.length];
  const acls = many.desired.acls.length;
  const times = { subject: [] as number[], baseline: [] as number[] };
  const contestants = { subject: () => planNothing(many), baseline: () => bareCalls(many) };
  for (let round = -warmUpRounds; round < rounds; round += 1) {
    for (const who of round % 2 === 0
      ? (['subject', 'baseline'] as const)
      : (['baseline', 'subject'] as const)) {
      signal.throwIfAborted();
      const ms = await timed(contestants[who]);
      progress(
        `topics: plan round ${round}, ${who === 'subject' ? 'plan' : 'bare calls'}: ${Math.round(ms)} ms`,
      );
      if (round >= 0) times[who].push(ms);
    }
  }
  const ofMany = await requestsOf(many, contestants.subject);
  const ofFew = await requestsOf(few, () => planNothing(few));
  const bare = await requestsOf(many, contestants.baseline);
  const [grown, before] = [ofMany.all - ofMany.batches, ofFew.all - ofFew.batches];
  const row = { suite: 'topics', scenario: `no-op plan of ${size} topics (RF 1), ${acls} ACLs` };
  return [
    compareTimes(times, { ...row, metric: 'time, to bare describe calls', unit: 'ms', atMost: ratioAtMost }),
    {
      ...row,
      metric: 'protocol requests, to bare calls',
      unit: 'requests',
      value: ofMany.all,
      baseline: bare.all,
      ratio: Number((ofMany.all / bare.all).toFixed(3)),
      aim: `≤ ${requestsAtMost}`,
      holds: ofMany.all <= requestsAtMost,
    },
    {
      ...row,
      metric: `requests beside config batches, to ${fewer} topics`,
      unit: 'requests',
      value: grown,
      baseline: before,
      ratio: Number((grown / before).toFixed(3)),
      aim: 'ratio = 1',
      holds: grown === before,
    },
  ];
};
