/** Exit codes of every command. 2 is what commander gives for a wrong option, 78 is EX_CONFIG of sysexits.h. */
export const exitCodes = { ok: 0, failed: 1, usage: 2, config: 78 } as const;

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
