/**
 * Exit codes of every command. 2 is what commander gives for a wrong option, 3 says that nothing was done because
 * things have moved, 78 is EX_CONFIG of sysexits.h.
 */
export const exitCodes = { ok: 0, failed: 1, usage: 2, stale: 3, config: 78 } as const;

/** Ends a command with a message for people and a code for programs. */
export class CommandFailure extends Error {
  override readonly name = 'CommandFailure';
  constructor(
    message: string,
    readonly exitCode: number = exitCodes.failed,
  ) {
    super(message);
  }
}
