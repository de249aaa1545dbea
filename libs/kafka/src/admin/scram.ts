import { pbkdf2, randomBytes } from 'node:crypto';
import { promisify } from 'node:util';

const derive = promisify(pbkdf2);

/** Kafka's number for SCRAM-SHA-512 in AlterUserScramCredentials (KIP-554). */
export const scramSha512 = 2;
/** Kafka accepts 4096–16384 iterations for SCRAM (ScramMechanism); twice the minimum. */
const iterations = 8192;

/** The salted form of one password (RFC 5802, Hi()), as the broker stores it. */
export const saltPassword = async ({ name, password }: { name: string; password: string }) => {
  const salt = randomBytes(32);
  const saltedPassword = await derive(Buffer.from(password, 'utf8'), salt, iterations, 64, 'sha512');
  return { name, mechanism: scramSha512, iterations, salt, saltedPassword };
};
