import fc from 'fast-check';
import { fromWorkflowRun } from './workflow-run.js';

const run = {
  id: 30433642,
  run_number: 562,
  run_attempt: 2,
  name: 'Build',
  display_title: 'Update README.md',
  conclusion: 'success',
  event: 'push',
  head_branch: 'main',
  head_sha: 'acb5820ced9479c074f688cc328bf03f341a511d',
  html_url: 'https://github.com/octo-org/octo-repo/actions/runs/30433642',
  updated_at: '2026-06-01T08:00:00Z',
};
const repository = { full_name: 'octo-org/octo-repo' };
const read = (changed: object = {}) => {
  const result = fromWorkflowRun({ action: 'completed', workflow_run: { ...run, ...changed }, repository });
  if ('problems' in result) throw new Error(result.problems.join());
  return result.notification;
};

it('tells how a run of a workflow ended', () => {
  expect(read()).toEqual({
    source: 'octo-org/octo-repo',
    kind: 'ci.workflow',
    severity: 'info',
    title: 'Build #562 on main: success',
    body: 'Update README.md',
    link: run.html_url,
    dedupe_key: 'ci/octo-org/octo-repo/30433642/2',
    metadata: {
      repository: 'octo-org/octo-repo',
      branch: 'main',
      commit: run.head_sha,
      event: 'push',
      conclusion: 'success',
      attempt: '2',
    },
    at: run.updated_at,
  });
});

it.each([
  ['success', 'info'],
  ['skipped', 'info'],
  ['failure', 'error'],
  ['startup_failure', 'error'],
  ['cancelled', 'warning'],
  ['timed_out', 'warning'],
  ['something_new', 'warning'],
])('a run that ended with %s is an %s', (conclusion, severity) => {
  expect(read({ conclusion }).severity).toBe(severity);
});

it('has one key per run and attempt, whatever else the event says', () => {
  const whole = fc.integer({ min: 1, max: 2 ** 40 });
  fc.assert(
    fc.property(whole, whole, whole, whole, fc.string(), (id, attempt, otherId, otherAttempt, title) => {
      const key = (run_id: number, run_attempt: number, more: object = {}) =>
        read({ id: run_id, run_attempt, ...more }).dedupe_key;
      expect(key(id, attempt, { display_title: title, conclusion: 'failure' })).toBe(key(id, attempt));
      expect(key(id, attempt) === key(otherId, otherAttempt)).toBe(
        id === otherId && attempt === otherAttempt,
      );
    }),
  );
});

it('says everything that is wrong with an event at once', () => {
  expect(fromWorkflowRun({ workflow_run: { ...run, conclusion: null, html_url: 'x' } })).toEqual({
    problems: [
      'workflow_run.conclusion: the run is not completed: it has no conclusion yet',
      'workflow_run.html_url: Invalid URL',
      'repository: Invalid input: expected object, received undefined',
    ],
  });
});
