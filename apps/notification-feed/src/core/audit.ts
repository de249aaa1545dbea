import type { EventOf } from '@soma/contracts';

/** Something that an auditor may ask about, as `identity.audit` tells it. */
export interface AuditEvent {
  /** Id of the caller. */
  readonly actor: string;
  /** Dotted verb, such as `token.issued`. */
  readonly action: string;
  /** What it was done to, such as `feed-token/<id>`; never the value of a secret. */
  readonly subject: string;
  readonly outcome: Exclude<EventOf<'identity.audit'>['outcome'], 'unknown'>;
}

const quietMs = 60_000;

/** Decides which refusals are told: each kind once a minute, or a client that tries again and again would fill the topic. */
export class RefusalLimit {
  /** Milliseconds when each kind was told, oldest first. */
  readonly #told = new Map<string, number>();

  /** True if a refusal of this kind at this time is to be told; it counts as told from then on. */
  admit(kind: string, now: number): boolean {
    for (const [old, at] of this.#told) {
      if (now - at < quietMs) break;
      this.#told.delete(old);
    }
    if (this.#told.has(kind)) return false;
    this.#told.set(kind, now);
    return true;
  }

  /** Forgets a kind that could not be told. */
  forget(kind: string): void {
    this.#told.delete(kind);
  }
}
