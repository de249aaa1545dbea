import { mkdir, writeFile } from 'node:fs/promises';
import { hostname, userInfo } from 'node:os';
import { join } from 'node:path';
import { type ApplyReport, type Manifest, StalePlan } from '@soma/topic-provisioner';
import type { Command } from 'commander';
import { CommandFailure, exitCodes } from '../../exit.js';
import { print } from '../../output.js';
import { runSteps } from '../../progress.js';
import { command, requestOf, type SelectionOptions, withSelection } from './options.js';
import { readPlanFile } from './plan-file.js';
import { withApplier, withProvisioner } from './provisioner.js';
import { changeLines, count, failedLine, view } from './view.js';

interface ApplyCommandOptions extends SelectionOptions {
  readonly manifests: string;
}

/** Who applies, as the journal tells it. */
const operator = (): string => `${userInfo().username}@${hostname()}`;

/** Keeps what was there before a topic goes, in a file that nothing overwrites. */
const keepManifest =
  (directory: string) =>
  async (manifest: Manifest): Promise<void> => {
    await mkdir(directory, { recursive: true });
    const file = join(directory, `${manifest.topic}.${manifest.takenAt.replaceAll(':', '')}.json`);
    await writeFile(file, `${JSON.stringify(manifest, null, 2)}\n`, { flag: 'wx' });
  };

const text = ({ plan, blocked, applied, left, resumed, id }: ApplyReport): string => {
  const lines: string[] = [];
  for (const { id: earlier, applied: rest } of resumed) {
    const failed = rest.filter(({ outcome }) => !outcome.ok);
    lines.push(`finished plan ${earlier}, which was interrupted: ${count(rest.length, 'change')} were open`);
    lines.push(...failed.map((one) => `  failed: ${failedLine(one)}`));
  }
  const failed = applied.filter(({ outcome }) => !outcome.ok);
  const done = count(applied.length - failed.length, 'change');
  lines.push(`${done} applied to cluster ${plan.clusterId}${id === undefined ? '' : ` (plan ${id})`}`);
  if (blocked.length > 0) lines.push('nothing was applied, because of', changeLines(blocked));
  if (failed.length > 0) lines.push(`${count(failed.length, 'change')} failed:`, ...failed.map(failedLine));
  if (blocked.length === 0 && left.length > 0) lines.push('not applied:', changeLines(left, left));
  return lines.join('\n');
};

const apply = async (planFile: string | undefined, options: ApplyCommandOptions): Promise<ApplyReport> => {
  const file = planFile === undefined ? undefined : await readPlanFile(planFile);
  const env = file?.environment ?? options.env;
  return withProvisioner({ ...options, env }, (provisioner) =>
    withApplier(provisioner, async (applier) => {
      let report: ApplyReport | undefined;
      const run = async (onProgress?: (done: number, of: number) => void): Promise<void> => {
        report = await applier.apply({
          request: file?.request ?? requestOf(options),
          by: operator(),
          onManifest: keepManifest(options.manifests),
          onWait: () => process.stderr.write('another apply works on this cluster: waiting for its end\n'),
          ...(file && { expected: file.plan }),
          ...(onProgress && { onProgress }),
        });
      };
      if (options.json) await run();
      else {
        const title = 'Applying to the cluster';
        await runSteps([
          {
            title,
            task: (_, task) =>
              run((done, of) => {
                task.output = `${done} of ${of}`;
              }),
          },
        ]);
      }
      if (!report) throw new Error('there is no report');
      return report;
    }),
  );
};

export const applyCommand: Command = withSelection(
  command(
    'apply',
    'bring topics, schemas, ACLs and quotas to what the catalogue says; deletes nothing that is not named, safe to run again',
    '0 everything that was chosen was done, 1 something was refused, or is left to be allowed, 2 the plan file is none, 3 the plan is stale and nothing was applied.',
    'npx soma topics apply --env local --only topics,schemas --allow unsafe',
  ),
)
  .argument('[plan]', 'file of `topics plan --out`: applied exactly, or refused when anything has moved')
  .option('--manifests <directory>', 'where the manifest of a deleted topic is kept', 'topic-manifests')
  .action(async (planFile: string | undefined, options: ApplyCommandOptions) => {
    const { only, allow, delete: deletions, force } = options;
    if (planFile !== undefined && (only ?? allow ?? deletions ?? force) !== undefined) {
      const message =
        'a plan file says itself what of it is applied: give --only, --allow, --delete and --force to `topics plan`';
      throw new CommandFailure(message, exitCodes.usage);
    }
    const report = await apply(planFile, options).catch((error: unknown) => {
      throw error instanceof StalePlan ? new CommandFailure(error.message, exitCodes.stale) : error;
    });
    const outcomes = (applied: ApplyReport['applied']) =>
      applied.map(({ change, outcome }) => ({ ...view(change), outcome }));
    const data = {
      plan: report.id ?? null,
      clusterId: report.plan.clusterId,
      applied: outcomes(report.applied),
      blocked: report.blocked.map(view),
      left: report.left.map(view),
      resumed: report.resumed.map(({ id, applied }) => ({ plan: id, applied: outcomes(applied) })),
    };
    print(options.json ?? false, data, () => text(report));
    const failed = [...report.applied, ...report.resumed.flatMap(({ applied }) => applied)].some(
      ({ outcome }) => !outcome.ok,
    );
    process.exitCode = failed || report.left.length > 0 ? exitCodes.failed : exitCodes.ok;
  });
