import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import { PlatformError, reasonOf } from './errors.js';
import { readIfPresent, replaceFile } from './files.js';

const principalSchema = z.object({
  kafka: z.string().optional(),
  postgres: z.string().optional(),
  redis: z.string().optional(),
});

const secretsSchema = z.object({
  version: z.literal(1),
  kafkaAdmin: z.string(),
  kafkaBroker: z.string(),
  kafkaController: z.string(),
  postgresAdmin: z.string(),
  registryDatabase: z.string(),
  redisAdmin: z.string(),
  principals: z.record(z.string(), principalSchema),
});

/** Passwords of one service principal, for the servers it may use. */
export type PrincipalSecrets = z.infer<typeof principalSchema>;
export type Secrets = z.infer<typeof secretsSchema>;

/** 256 random bits that need no quoting in any file or URL. */
export const newPassword = (): string => randomBytes(32).toString('base64url');

const newSecrets = (): Secrets => ({
  version: 1,
  kafkaAdmin: newPassword(),
  kafkaBroker: newPassword(),
  kafkaController: newPassword(),
  postgresAdmin: newPassword(),
  registryDatabase: newPassword(),
  redisAdmin: newPassword(),
  principals: {},
});

/** The platform's passwords, or undefined if it has none yet. Throws `bad-state`; the message never shows a value. */
const readSecrets = (path: string): Secrets | undefined => {
  const text = readIfPresent(path);
  if (text === undefined) return undefined;
  try {
    return secretsSchema.parse(JSON.parse(text));
  } catch (error) {
    const reason = error instanceof z.ZodError ? z.prettifyError(error) : 'it is not JSON';
    throw new PlatformError(
      'bad-state',
      `${path} cannot be read: ${reason}\nRestore it, or start over with \`npx soma reset\`.`,
    );
  }
};

export const writeSecrets = (path: string, secrets: Secrets): void =>
  replaceFile(path, `${JSON.stringify(secrets, null, 2)}\n`);

/** The passwords kept at `path`; makes them on the first start. `hasData` tells whether servers already hold older ones. */
export const loadSecrets = (path: string, hasData: boolean): Secrets => {
  const known = readSecrets(path);
  if (known) return known;
  if (hasData) {
    throw new PlatformError(
      'bad-state',
      `${path} is gone, but the servers' data still holds the passwords it had: restore it, or start over with \`npx soma reset\`.`,
    );
  }
  const secrets = newSecrets();
  try {
    writeSecrets(path, secrets);
  } catch (error) {
    throw new PlatformError('bad-state', `Cannot write ${path}: ${reasonOf(error)}`, { cause: error });
  }
  return secrets;
};
