import { FeedError } from './errors.js';
import { reason } from './request.js';

/** Holds what one attempt to read waits for, and lets go when there is silence for too long or the reader has left. */
export interface Lifeline {
  /** For the requests of the attempt. */
  readonly signal: AbortSignal;
  /** What `work` answers. Throws FeedError `interrupted` when it fails, takes too long, or the attempt has ended. */
  within<T>(work: Promise<T>): Promise<T>;
  end(): void;
}

/** `outer` ends the attempt; so does `silenceMs` in which a piece of work has no answer. */
export const createLifeline = (silenceMs: number, outer?: AbortSignal): Lifeline => {
  const ending = new AbortController();
  const { signal } = ending;
  const onAbort = (): void => ending.abort(outer?.reason);
  outer?.addEventListener('abort', onAbort);
  if (outer?.aborted) onAbort();
  return {
    signal,
    within: async (work) => {
      const timer = setTimeout(() => ending.abort(new Error(`nothing came for ${silenceMs} ms`)), silenceMs);
      let leave: () => void = () => undefined;
      const left = new Promise<never>((_, reject) => {
        leave = () => reject(signal.reason as Error);
        signal.addEventListener('abort', leave);
        if (signal.aborted) leave();
      });
      try {
        return await Promise.race([work, left]);
      } catch (cause) {
        if (cause instanceof FeedError) throw cause;
        throw new FeedError('interrupted', `the stream broke: ${reason(cause)}`, { cause });
      } finally {
        clearTimeout(timer);
        signal.removeEventListener('abort', leave);
      }
    },
    end: () => {
      outer?.removeEventListener('abort', onAbort);
      ending.abort();
    },
  };
};
