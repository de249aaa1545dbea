import { randomBytes } from 'node:crypto';
import { linkSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { z } from 'zod';
import { PlatformError } from '../errors.js';
import { readIfPresent } from '../files.js';
import { isAlive, processIdentity } from './identity.js';

const ownerSchema = z.object({
  pid: z.int(),
  identity: z.string(),
  kind: z.enum(['process', 'supervisor']),
  since: z.string(),
});

/** The process whose children the servers are. */
export type Owner = z.infer<typeof ownerSchema>;

const parseOwner = (text: string | undefined): Owner | undefined => {
  try {
    return text === undefined ? undefined : ownerSchema.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
};

/** Who owns the platform now; undefined if nobody alive does. */
export const readOwner = (path: string): Owner | undefined => {
  const owner = parseOwner(readIfPresent(path));
  return owner && isAlive(owner) ? owner : undefined;
};

/** Makes this process the owner. Throws `already-running` if another one is and lives. */
export const claim = (path: string, kind: Owner['kind']): (() => void) => {
  const own = `${JSON.stringify({ pid: process.pid, identity: processIdentity(process.pid) ?? '', kind, since: new Date().toISOString() })}\n`;
  const draft = `${path}.${randomBytes(4).toString('hex')}`;
  writeFileSync(draft, own, { mode: 0o644 });
  try {
    for (let attempt = 0; attempt < 10; attempt++) {
      try {
        // A link appears with its content or not at all, and fails if the name is taken.
        linkSync(draft, path);
        return () => {
          if (readIfPresent(path) === own) rmSync(path, { force: true });
        };
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      }
      const owner = readOwner(path);
      if (owner) {
        throw new PlatformError(
          'already-running',
          `The platform is owned by process ${owner.pid} (${owner.kind}, since ${owner.since}): stop that one first, or use another SOMA_HOME.`,
        );
      }
      stealStale(path);
    }
    throw new PlatformError('already-running', `Several processes fight for ${path}: try again.`);
  } finally {
    rmSync(draft, { force: true });
  }
};

/** Moves a dead owner's claim away; if a live one took its place in between, puts that back. */
const stealStale = (path: string): void => {
  const aside = `${path}.${randomBytes(4).toString('hex')}.stale`;
  try {
    renameSync(path, aside);
  } catch {
    return;
  }
  const moved = parseOwner(readIfPresent(aside));
  if (moved && isAlive(moved)) {
    try {
      linkSync(aside, path);
    } catch {
      // Somebody claimed it meanwhile: they are both alive, and the next attempt reports it.
    }
  }
  rmSync(aside, { force: true });
};
