import type { Caller } from './caller.js';

/** One kind of tokens that the service accepts. */
export abstract class TokenSource {
  /**
   * Whom the token stands for, or undefined if it is none of this source's or not accepted.
   *
   * @throws what deserves a 503 if the source cannot tell at the moment.
   */
  abstract find(token: string): Promise<Caller | undefined>;
}
