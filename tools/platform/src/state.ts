import { z } from 'zod';
import { PlatformError, reasonOf } from './errors.js';
import { readIfPresent, replaceFile } from './files.js';
import { platformPaths } from './home.js';
import { serverNames } from './names.js';
import { portsSchema } from './ports.js';

const processSchema = z.object({ pid: z.int(), identity: z.string(), command: z.string() });

const stateSchema = z.object({
  version: z.literal(1),
  home: z.string(),
  updatedAt: z.string(),
  ports: portsSchema,
  /** What runs, or ran when its owner died. */
  processes: z.partialRecord(z.enum(serverNames), processSchema),
  versions: z.record(z.string(), z.string()),
  external: z.array(z.string()),
  postgresData: z.string(),
});

/** A process we started: `identity` tells it from a later one with the same pid. */
export type RecordedProcess = z.infer<typeof processSchema>;

/** What `.soma/platform.json` says: ports, processes, versions; no secrets. */
export type PlatformState = z.infer<typeof stateSchema>;

/** Reads the text of a state file. Throws `bad-state`, naming `where`. */
export const parseState = (text: string, where: string): PlatformState => {
  try {
    return stateSchema.parse(JSON.parse(text));
  } catch (error) {
    const reason = error instanceof z.ZodError ? z.prettifyError(error) : reasonOf(error);
    throw new PlatformError(
      'bad-state',
      `${where} cannot be read: ${reason}\nRemove the platform with \`npx soma reset\`, or restore the file.`,
      { cause: error },
    );
  }
};

/** The recorded state of the platform at `home`, or undefined if there is none. */
export const readState = (home: string): PlatformState | undefined => {
  const path = platformPaths(home).state;
  const text = readIfPresent(path);
  return text === undefined ? undefined : parseState(text, path);
};

export const writeState = (state: PlatformState): void =>
  replaceFile(
    platformPaths(state.home).state,
    `${JSON.stringify({ ...state, updatedAt: new Date().toISOString() }, null, 2)}\n`,
    0o644,
  );
