import { readFile, writeFile } from 'node:fs/promises';
import { changeClasses, fingerprint, type Plan, planParts, type Request } from '@soma/topic-provisioner';
import { z } from 'zod';
import { CommandFailure, exitCodes } from '../../exit.js';

/** Of the file's form; another one is refused. */
const format = 'soma-topic-plan/1';

/** A plan that was made to be looked at, and applied exactly. */
export interface PlanFile {
  readonly environment: string;
  readonly request: Request;
  readonly plan: Plan;
}

/** Only what this command itself reads: an apply compares all the rest with a plan that is made then. */
const fileSchema = z.object({
  format: z.literal(format),
  environment: z.string(),
  fingerprint: z.string(),
  request: z.strictObject({
    only: z.array(z.enum(planParts)).exactOptional(),
    allow: z.array(z.enum(changeClasses)).exactOptional(),
    deletions: z.array(z.string()),
    force: z.boolean(),
  }),
  plan: z.object({ clusterId: z.string(), changes: z.array(z.looseObject({ resource: z.string() })) }),
});

export const writePlanFile = (path: string, { environment, request, plan }: PlanFile): Promise<void> => {
  const content = { format, environment, fingerprint: fingerprint(plan), request, plan };
  return writeFile(path, `${JSON.stringify(content, null, 2)}\n`);
};

/** Reads a plan; a file that is none, or was changed by hand, fails with one message. */
export const readPlanFile = async (path: string): Promise<PlanFile> => {
  const wrong = (why: string): CommandFailure =>
    new CommandFailure(
      `${path} is no plan: ${why}; make one with \`npx soma topics plan --out ${path}\``,
      exitCodes.usage,
    );
  const text = await readFile(path, 'utf8').catch((error: Error) => {
    throw wrong(error.message);
  });
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw wrong((error as Error).message);
  }
  const parsed = fileSchema.safeParse(json);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw wrong(`${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`.trim());
  }
  // The file itself, and not what was parsed: a fingerprint sees the order of its members.
  const file = json as PlanFile & { fingerprint: string };
  if (fingerprint(file.plan) !== file.fingerprint) throw wrong('it was changed after it was made');
  return file;
};
