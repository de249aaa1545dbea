import { z } from 'zod';

const text = z.string().min(1);

/** The part of GitHub's event `workflow_run` that is told; servers that speak like GitHub send the same. */
const workflowRunEvent = z.object({
  workflow_run: z.object({
    id: z.int(),
    run_number: z.int(),
    run_attempt: z.int().default(1),
    name: text,
    display_title: z.string().default(''),
    conclusion: z.string('the run is not completed: it has no conclusion yet').min(1),
    event: text,
    head_branch: z.string().nullable().default(null),
    head_sha: text,
    html_url: z.url(),
    updated_at: z.iso.datetime({ offset: true }),
  }),
  repository: z.object({ full_name: text }),
});

const severities: Readonly<Record<string, string>> = {
  success: 'info',
  neutral: 'info',
  skipped: 'info',
  failure: 'error',
  startup_failure: 'error',
};

const mostBody = 1_000;

/** What a squad is told about a run of a workflow: fields of `POST /v1/notifications`, without the squads. */
export type WorkflowNotification = ReturnType<typeof notificationOf>;

/** Every problem of the event at once, or its notification; the same attempt of a run has the same key. */
export const fromWorkflowRun = (
  event: unknown,
): { readonly notification: WorkflowNotification } | { readonly problems: readonly string[] } => {
  const parsed = workflowRunEvent.safeParse(event);
  return parsed.success
    ? { notification: notificationOf(parsed.data) }
    : { problems: parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`) };
};

const notificationOf = ({ workflow_run: run, repository }: z.output<typeof workflowRunEvent>) => {
  const where = run.head_branch === null ? '' : ` on ${run.head_branch}`;
  return {
    source: repository.full_name.slice(0, 200),
    kind: 'ci.workflow',
    severity: severities[run.conclusion] ?? 'warning',
    title: `${run.name} #${run.run_number}${where}: ${run.conclusion.replaceAll('_', ' ')}`.slice(0, 300),
    body: run.display_title.slice(0, mostBody),
    link: run.html_url,
    dedupe_key: `ci/${repository.full_name}/${run.id}/${run.run_attempt}`,
    metadata: {
      repository: repository.full_name,
      ...(run.head_branch !== null && { branch: run.head_branch }),
      commit: run.head_sha,
      event: run.event,
      conclusion: run.conclusion,
      attempt: `${run.run_attempt}`,
    },
    at: run.updated_at,
  };
};
