import { once } from 'node:events';

/** Standard output, line by line, as fast as it is read. */
export interface Printer {
  line(text: string): Promise<void>;
}

/** Prints until the signal of `leaving` comes; whoever reads may leave, which ends it as well and is no error. */
export const createPrinter = (leaving: AbortController): Printer => {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    leaving.abort();
  });
  return {
    line: async (text) => {
      if (!process.stdout.write(`${text}\n`)) await once(process.stdout, 'drain', { signal: leaving.signal });
    },
  };
};
