/** Who sends a request, as far as their token says. */
export class Caller {
  constructor(
    readonly id: string,
    /** Names of the squads whose data the caller may read and write, as far as the scopes go; `*` is all of them. */
    readonly squads: readonly string[],
    readonly scopes: readonly string[],
  ) {}

  /** True if the caller may read what belongs to `squad`. */
  mayRead(squad: string): boolean {
    return this.#covers(squad);
  }

  /** True if the caller may send something to `squad`; `*` stands for all squads at once. */
  mayAddress(squad: string): boolean {
    return this.#covers(squad);
  }

  #covers(squad: string): boolean {
    return this.squads.includes('*') || this.squads.includes(squad);
  }
}
