import { canonicalConfig, formatConfig } from './topic-config.js';

describe('canonicalConfig', () => {
  it.each([
    ['retention.ms', '7d', '604800000'],
    ['retention.ms', -1, '-1'],
    ['segment.bytes', '1GiB', '1073741824'],
    ['min.insync.replicas', 2, '2'],
    ['cleanup.policy', 'compact,delete', 'compact,delete'],
    ['unclean.leader.election.enable', false, 'false'],
    ['min.cleanable.dirty.ratio', 0.5, '0.5'],
    ['compression.type', 'zstd', 'zstd'],
  ])('%s: %p is %p to a broker', (name, written, stored) => {
    expect(canonicalConfig(name, written)).toEqual({ ok: true, value: stored });
  });

  it.each([
    ['retention.ms', '1GiB', 'a duration such as'],
    ['retention.bytes', '7d', 'a size such as'],
    ['min.insync.replicas', 'two', 'a whole number'],
    ['cleanup.policy', 'shrink', 'delete | compact'],
    ['preallocate', 'yes', 'true | false'],
    ['min.cleanable.dirty.ratio', 1.5, 'a number from 0 to 1'],
    ['retention.msec', 1, 'cleanup.policy, '],
    ['toString', 1, 'cleanup.policy, '],
  ])('refuses %s: %p and says what is allowed', (name, written, allowed) => {
    expect(canonicalConfig(name, written)).toEqual({
      ok: false,
      allowed: expect.stringContaining(allowed) as string,
    });
  });

  it('is undone by formatConfig for people', () => {
    expect(formatConfig('retention.ms', '604800000')).toBe('7d');
    expect(formatConfig('segment.bytes', '67108864')).toBe('64MiB');
    expect(formatConfig('cleanup.policy', 'compact')).toBe('compact');
  });
});
