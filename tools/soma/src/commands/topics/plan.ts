import { fingerprint, select } from '@soma/topic-provisioner';
import { print } from '../../output.js';
import { command, requestOf, type SelectionOptions, withSelection } from './options.js';
import { writePlanFile } from './plan-file.js';
import { withProvisioner } from './provisioner.js';
import { planText, view } from './view.js';

interface PlanOptions extends SelectionOptions {
  readonly out?: string;
}

export const planCommand = withSelection(
  command(
    'plan',
    'show how far the cluster is from the catalogue, and what an apply would do about it; changes nothing',
    '0 there is a plan, also an empty one, 1 the cluster or the registry could not be asked.',
    'npx soma topics plan --env local --out plan.json',
  ),
)
  .option('--out <file>', 'write the plan to a file, for `topics apply <file>`')
  .action(async (options: PlanOptions) => {
    const request = requestOf(options);
    const plan = await withProvisioner(options, (provisioner) => provisioner.plan(request));
    const { chosen, left } = select(plan, request);
    if (options.out !== undefined) {
      await writePlanFile(options.out, { environment: options.env, request, plan });
    }
    const data = {
      clusterId: plan.clusterId,
      fingerprint: fingerprint(plan),
      changes: [
        ...chosen.map((change) => ({ ...view(change), applied: true })),
        ...left.map((change) => ({ ...view(change), applied: false })),
      ],
    };
    const next =
      options.out === undefined ? '' : `\nwritten to ${options.out}: npx soma topics apply ${options.out}`;
    print(options.json ?? false, data, () => planText(plan, { chosen, left }) + next);
  });
