import type { OnProgress, Progress } from '@soma/platform';
import { Listr, PRESET_TIMER, type ListrTask } from 'listr2';

/**
 * Runs steps one after the other and shows them with their times: redrawn on a terminal, plain lines elsewhere.
 * A failed step shows that it failed; what failed, in full, is told once, by whoever waits for all steps.
 */
export const runSteps = async <C extends object>(tasks: ListrTask<C>[]): Promise<void> => {
  let failure: unknown;
  const quieter = tasks.map((step): ListrTask<C> => ({
    ...step,
    task: async (...given) => {
      try {
        await step.task(...given);
      } catch (error) {
        failure = error;
        throw new Error('see below', { cause: error });
      }
    },
  }));
  try {
    await new Listr<C, 'default', 'simple'>(quieter, {
      fallbackRenderer: 'simple',
      rendererOptions: { timer: PRESET_TIMER, collapseSubtasks: false, collapseErrors: false },
      fallbackRendererOptions: { timer: PRESET_TIMER },
      exitOnError: true,
    }).run();
  } catch (error) {
    throw failure ?? error;
  }
};

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;

/** One line for the end of a platform's step; undefined for what needs no line. */
const line = ({ step, state, ms, detail }: Progress): string | undefined => {
  const why = detail === undefined ? '' : ` — ${detail}`;
  if (state === 'done') return `✔ ${step} ${seconds(ms)}${why}`;
  if (state === 'failed') return `✖ ${step} ${seconds(ms)}${why.split('\n', 1)[0]}`;
  if (state === 'skipped' || state === 'note') return `· ${step}${why}`;
  return undefined;
};

/** Writes a platform's progress as lines; what has begun stays unsaid until it ends. */
export const progressLines =
  (write: (text: string) => void): OnProgress =>
  (progress) => {
    const text = line(progress);
    if (text !== undefined) write(text);
  };
