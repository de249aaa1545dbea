/** Who sends a request, as far as their token says. */
export class Caller {
  readonly #askAgain: (() => Promise<Caller | undefined>) | undefined;

  constructor(
    readonly id: string,
    /** Names of the squads whose data the caller may read and write, as far as the scopes go; `*` is all of them. */
    readonly squads: readonly string[],
    readonly scopes: readonly string[],
    /** How {@link stillAllowed} finds out; a caller without it keeps what it has. */
    askAgain?: () => Promise<Caller | undefined>,
  ) {
    this.#askAgain = askAgain;
  }

  /** True if the caller may read what belongs to `squad`. */
  mayRead(squad: string): boolean {
    return this.#covers(squad);
  }

  /** True if the caller may send something to `squad`; `*` stands for all squads at once. */
  mayAddress(squad: string): boolean {
    return this.#covers(squad);
  }

  /**
   * Whom the same token stands for now, for what outlives its request, such as a stream: undefined once it is revoked, has
   * expired, or lacks a scope that the request needed. Cheap: what was found within the last second is not looked up again.
   *
   * @throws what the token's source throws when it cannot tell.
   */
  stillAllowed(): Promise<Caller | undefined> {
    return this.#askAgain ? this.#askAgain() : Promise.resolve(this);
  }

  #covers(squad: string): boolean {
    return this.squads.includes('*') || this.squads.includes(squad);
  }
}
