import { isTransient } from '@soma/kafka';
import { Problem } from '@soma/service-kit';

/** Runs what asks brokers, registry or database; one that is away makes a 503 that says which. */
export const asking = async <T>(work: () => Promise<T>): Promise<T> => {
  try {
    return await work();
  } catch (error) {
    if (!isTransient(error)) throw error;
    throw new Problem(503, 'servers-unavailable', (error as Error).message, { cause: error });
  }
};
