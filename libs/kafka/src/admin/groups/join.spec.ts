import { type GroupFacts, joinGroups } from './join.js';

const facts = (own: Partial<GroupFacts>): GroupFacts => ({
  group: 'g',
  type: 'classic',
  state: 'Stable',
  members: [],
  committed: [],
  ...own,
});
const all = () => true;
const ten = () => 10n;

describe('joinGroups', () => {
  it('has a row for each topic that a group committed on or reads, sorted by group and topic', () => {
    const groups = [
      facts({ group: 'b', members: [['z', 'a'], ['z']] }),
      facts({ group: 'a', committed: [{ topic: 'c', partition: 0, offset: 4n }] }),
    ];
    expect(joinGroups(groups, all, ten)).toMatchObject([
      { group: 'a', topic: 'c', members: 0, lag: 6n },
      { group: 'b', topic: 'a', members: 1, lag: 0n, partitions: [] },
      { group: 'b', topic: 'z', members: 2 },
    ]);
    expect(joinGroups(groups, (topic) => topic === 'z', ten)).toHaveLength(1);
  });

  it('counts members that do not show what they read for the topics of the group', () => {
    const group = facts({
      state: 'PreparingRebalance',
      members: [undefined, undefined, ['other']],
      committed: [{ topic: 'c', partition: 0, offset: 4n }],
    });
    expect(joinGroups([group], all, ten)).toMatchObject([
      { topic: 'c', members: 2 },
      { topic: 'other', members: 1 },
    ]);
  });

  it('leaves partitions without a latest offset, and logs that end earlier, out of the lag', () => {
    const committed = [0, 1, 2].map((partition) => ({ topic: 'c', partition, offset: 8n }));
    const latest = [undefined, 3n, 10n];
    const [row] = joinGroups([facts({ committed })], all, (_, partition) => latest[partition]);
    expect(row).toMatchObject({ lag: 2n });
    expect(row?.partitions).toEqual([
      { partition: 0, committed: 8n },
      { partition: 1, committed: 8n, latest: 3n },
      { partition: 2, committed: 8n, latest: 10n },
    ]);
  });
});
