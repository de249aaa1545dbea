import { kafkaSettings, registrySettings } from '@soma/kafka';
import { type Applied, type Change, Provisioner, UnknownEnvironmentError } from '@soma/topic-provisioner';
import { Command } from 'commander';
import { requireCatalogue } from '../catalogue.js';
import { kafkaConnection } from '../connection.js';
import { CommandFailure, exitCodes } from '../exit.js';
import { print, table } from '../output.js';

interface Options {
  readonly env: string;
  readonly schemas: string;
  readonly json?: boolean;
  readonly allowUnsafe?: boolean;
}

const withProvisioner = async <T>(
  { env, schemas }: Options,
  run: (provisioner: Provisioner) => Promise<T>,
): Promise<T> => {
  const connection = kafkaConnection();
  let provisioner: Provisioner;
  try {
    provisioner = new Provisioner({
      kafka: kafkaSettings(connection),
      registry: registrySettings(connection),
      catalogue: await requireCatalogue(schemas),
      environment: env,
    });
  } catch (error) {
    if (error instanceof UnknownEnvironmentError) throw new CommandFailure(error.message, exitCodes.usage);
    throw error;
  }
  try {
    return await run(provisioner);
  } finally {
    await provisioner.close();
  }
};

const view = ({ mutation: _, ...change }: Change) => change;

const changesTable = (changes: readonly Change[]): string =>
  table([
    ['class', 'resource', 'field', 'before → after', 'why'],
    ...changes.map(({ class: kind, resource, field, before, after, reason }) => [
      kind,
      resource,
      field,
      `${before ?? '–'} → ${after}`,
      reason,
    ]),
  ]);

const count = (number: number, noun: string): string => `${number} ${noun}${number === 1 ? '' : 's'}`;

const failedLine = ({ change, outcome }: Applied): string =>
  outcome.ok ? '' : `${change.resource} ${change.field}: ${outcome.message} (${outcome.error})`;

const command = (name: string, description: string, codes: string, example: string): Command =>
  new Command(name)
    .description(description)
    .option('--env <name>', 'overlay in schemas/environments', 'local')
    .option('--schemas <directory>', 'the catalogue', 'schemas')
    .option('--json', 'print the result as JSON')
    .addHelpText('after', `\nExit codes: ${codes}\n\nExample:\n  ${example}`);

const planCommand = command(
  'plan',
  'show how far the cluster is from the catalogue; changes nothing',
  '0 there is a plan, also an empty one, 1 the cluster or the registry could not be asked.',
  'npx soma topics plan --env local',
).action(async (options: Options) => {
  const plan = await withProvisioner(options, (provisioner) => provisioner.plan());
  print(options.json ?? false, { clusterId: plan.clusterId, changes: plan.changes.map(view) }, () =>
    plan.changes.length === 0
      ? `nothing to do: cluster ${plan.clusterId} is as the catalogue says`
      : `${changesTable(plan.changes)}\n${count(plan.changes.length, 'change')} on cluster ${plan.clusterId}`,
  );
});

const applyCommand = command(
  'apply',
  'bring topics, schemas and ACLs to what the catalogue says; deletes nothing, safe to run again',
  '0 everything that is allowed was done, 1 something was refused, or is left to be allowed.',
  'npx soma topics apply --env local',
)
  .option('--allow-unsafe', 'also apply changes that may lose data, order or protection')
  .action(async (options: Options) => {
    const report = await withProvisioner(options, (provisioner) =>
      provisioner.apply({ allowUnsafe: options.allowUnsafe ?? false }),
    );
    const failed = report.applied.filter(({ outcome }) => !outcome.ok);
    const done = report.applied.length - failed.length;
    const data = {
      clusterId: report.plan.clusterId,
      applied: report.applied.map(({ change, outcome }) => ({ ...view(change), outcome })),
      blocked: report.blocked.map(view),
      left: report.left.map(view),
    };
    print(options.json ?? false, data, () => {
      const lines = [`${count(done, 'change')} applied to cluster ${report.plan.clusterId}`];
      if (report.blocked.length > 0)
        lines.push('nothing was applied, because of', changesTable(report.blocked));
      if (failed.length > 0)
        lines.push(`${count(failed.length, 'change')} failed:`, ...failed.map(failedLine));
      if (report.blocked.length === 0 && report.left.length > 0)
        lines.push('not applied:', changesTable(report.left));
      return lines.join('\n');
    });
    process.exitCode = failed.length + report.left.length > 0 ? exitCodes.failed : exitCodes.ok;
  });

const verifyCommand = command(
  'verify',
  'read topics, schemas and ACLs back from the servers and compare them with the catalogue',
  '0 all of it stands, 1 something differs.',
  'npx soma topics verify --env local --json',
).action(async (options: Options) => {
  const { changes, actual, desired } = await withProvisioner(options, (provisioner) => provisioner.verify());
  const rows = desired.topics.map(({ name, owner }) => {
    const seen = actual.topics.get(name);
    const differs = changes.filter(({ resource }) => resource === name).length;
    return {
      topic: name,
      owner,
      partitions: seen?.partitions ?? 0,
      replicationFactor: seen?.replicationFactor ?? 0,
      ok: seen !== undefined && differs === 0,
    };
  });
  const ok = changes.length === 0;
  print(
    options.json ?? false,
    { ok, clusterId: actual.clusterId, topics: rows, differences: changes.map(view) },
    () => {
      const heading = ['topic', 'owner', 'partitions', 'replicas', ''];
      const body = rows.map((row) => [
        row.topic,
        row.owner,
        `${row.partitions}`,
        `${row.replicationFactor}`,
        row.ok ? 'ok' : 'DIFFERS',
      ]);
      const acls = actual.acls
        ? count(desired.acls.length, 'ACL')
        : 'no ACLs (the cluster has no authorizer)';
      const verdict = ok
        ? `${count(rows.length, 'topic')}, ${count(desired.subjects.length, 'subject')}, ${acls}: all as the catalogue says`
        : `${changesTable(changes)}\n${count(changes.length, 'difference')}`;
      return `${table([heading, ...body])}\n${verdict}`;
    },
  );
  process.exitCode = ok ? exitCodes.ok : exitCodes.failed;
});

export const topicsCommand = (): Command =>
  new Command('topics')
    .description('topics, schemas and ACLs of a cluster, as the catalogue declares them')
    .addCommand(planCommand)
    .addCommand(applyCommand)
    .addCommand(verifyCommand);
