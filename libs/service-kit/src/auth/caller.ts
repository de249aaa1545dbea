/** Who sends a request, as far as their token says. */
export class Caller {
  constructor(
    readonly id: string,
    /** Names of the squads whose data the caller may read; `*` is all of them. */
    readonly squads: readonly string[],
    readonly scopes: readonly string[],
  ) {}

  /** True if the caller may read what belongs to `squad`. */
  mayRead(squad: string): boolean {
    return this.squads.includes('*') || this.squads.includes(squad);
  }
}
