import { exitCodes } from '../../exit.js';
import { print, table } from '../../output.js';
import { command, type Options } from './options.js';
import { withProvisioner } from './provisioner.js';
import { changeLines, count, view } from './view.js';

export const verifyCommand = command(
  'verify',
  'read topics, schemas, ACLs and quotas back from the servers and compare them with the catalogue',
  '0 all of it stands, 1 something differs.',
  'npx soma topics verify --env local --json',
).action(async (options: Options) => {
  const { changes, actual, desired } = await withProvisioner(options, (provisioner) => provisioner.verify());
  const different = new Set(changes.map(({ resource }) => resource));
  const rows = desired.topics.map(({ name, owner }) => {
    const seen = actual.topics.get(name);
    return {
      topic: name,
      owner,
      partitions: seen?.partitions ?? 0,
      replicationFactor: seen?.replicationFactor ?? 0,
      ok: seen !== undefined && !different.has(name),
    };
  });
  const ok = changes.length === 0;
  const data = { ok, clusterId: actual.clusterId, topics: rows, differences: changes.map(view) };
  print(options.json ?? false, data, () => {
    const heading = ['topic', 'owner', 'partitions', 'replicas', ''];
    const body = rows.map((row) => [
      row.topic,
      row.owner,
      `${row.partitions}`,
      `${row.replicationFactor}`,
      row.ok ? 'ok' : 'DIFFERS',
    ]);
    const acls = actual.acls ? count(desired.acls.length, 'ACL') : 'no ACLs (the cluster has no authorizer)';
    const verdict = ok
      ? `${count(rows.length, 'topic')}, ${count(desired.subjects.length, 'subject')}, ${acls}: all as the catalogue says`
      : `${changeLines(changes)}\n${count(changes.length, 'difference')}`;
    return `${table([heading, ...body])}\n${verdict}`;
  });
  process.exitCode = ok ? exitCodes.ok : exitCodes.failed;
});
