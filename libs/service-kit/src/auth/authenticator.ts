import { Problem } from '../http/problem.js';
import { Caller } from './caller.js';
import type { TokenSource } from './token-source.js';

/** How long an accepted token is not looked up again: a revoked one is refused within a second. */
const freshMs = 900;

interface Known {
  readonly found: Promise<Caller | undefined>;
  /** Monotonic milliseconds. */
  readonly until: number;
}

/** Tells whom a request comes from. The guard of the HTTP routes asks it; whatever has no guard does so itself. */
export class Authenticator {
  readonly #sources: TokenSource[] = [];
  /** By token, oldest first. */
  readonly #known = new Map<string, Known>();

  /** Accepts the tokens of one more source, such as a service's own. */
  register(source: TokenSource): void {
    this.#sources.push(source);
  }

  /**
   * Whom the value of an `Authorization` header stands for.
   *
   * @param scopes what the caller needs, all of it.
   * @throws Problem 401 without a token that is accepted, 403 without a scope; what a source throws if it cannot tell.
   */
  async authenticate(authorization: string | undefined, scopes: readonly string[]): Promise<Caller> {
    const token = /^Bearer +([^\s]+)$/i.exec(authorization ?? '')?.[1];
    if (!token) throw unauthorized('send the header Authorization: Bearer <token>', 'Bearer realm="soma"');
    const caller = await this.#find(token);
    if (!caller)
      throw unauthorized('the token is not accepted', 'Bearer realm="soma", error="invalid_token"');
    const missing = missingScopes(caller, scopes);
    if (missing.length > 0) throw insufficientScope(missing);
    return this.#lasting(caller, token, scopes);
  }

  #lasting({ id, squads, scopes }: Caller, token: string, required: readonly string[]): Caller {
    return new Caller(id, squads, scopes, async () => {
      const now = await this.#find(token);
      if (!now || missingScopes(now, required).length > 0) return undefined;
      return this.#lasting(now, token, required);
    });
  }

  #find(token: string): Promise<Caller | undefined> {
    const now = performance.now();
    for (const [stale, { until }] of this.#known) {
      if (until > now) break;
      this.#known.delete(stale);
    }
    const known = this.#known.get(token);
    if (known) return known.found;
    const entry: Known = { found: this.#ask(token), until: now + freshMs };
    this.#known.set(token, entry);
    const forget = (): void => {
      if (this.#known.get(token) === entry) this.#known.delete(token);
    };
    // Only what is accepted is remembered: a flood of wrong tokens costs no memory, and a new one counts at once.
    entry.found.then((caller) => caller ?? forget(), forget);
    return entry.found;
  }

  async #ask(token: string): Promise<Caller | undefined> {
    for (const source of this.#sources) {
      const caller = await source.find(token);
      if (caller) return caller;
    }
    return undefined;
  }
}

const missingScopes = (caller: Caller, required: readonly string[]): string[] =>
  required.filter((scope) => !caller.scopes.includes(scope));

const unauthorized = (detail: string, challenge: string): Problem =>
  new Problem(401, 'unauthorized', detail, { headers: { 'www-authenticate': challenge } });

function insufficientScope(missing: readonly string[]): Problem {
  const scope = missing.join(' ');
  const challenge = `Bearer realm="soma", error="insufficient_scope", scope="${scope}"`;
  return new Problem(403, 'insufficient-scope', `the token lacks the scope ${scope}`, {
    headers: { 'www-authenticate': challenge },
    fields: { missing_scopes: missing },
  });
}
