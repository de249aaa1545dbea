import type { OnProgress, Progress } from '@soma/platform';
import { Listr, PRESET_TIMER, type ListrTask } from 'listr2';

/** A list of steps with their times: redrawn on a terminal, plain lines everywhere else, nothing with `quiet`. */
export const steps = <C extends object>(tasks: ListrTask<C>[], { quiet = false } = {}): Listr<C> =>
  new Listr<C, 'default', 'simple'>(tasks, {
    ...(quiet && { renderer: 'silent' as never }),
    fallbackRenderer: 'simple',
    rendererOptions: { timer: PRESET_TIMER, collapseSubtasks: false, collapseErrors: false },
    fallbackRendererOptions: { timer: PRESET_TIMER },
    exitOnError: true,
  }) as unknown as Listr<C>;

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)} s`;

/** One line for the end of a platform's step; undefined for what needs no line. */
const line = ({ step, state, ms, detail }: Progress): string | undefined => {
  const why = detail === undefined ? '' : ` — ${detail}`;
  if (state === 'done') return `✔ ${step} ${seconds(ms)}${why}`;
  if (state === 'failed') return `✖ ${step} ${seconds(ms)}${why}`;
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
