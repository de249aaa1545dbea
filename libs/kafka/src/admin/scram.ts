import { pbkdf2, randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import { alterUserScramCredentialsV0 } from '@platformatic/kafka';
import { outcome } from './answers.js';
import type { Brokers } from './brokers.js';
import type { Outcome } from './types.js';

const derive = promisify(pbkdf2);

/** Kafka's number for SCRAM-SHA-512 in AlterUserScramCredentials (KIP-554). */
const scramSha512 = 2;
/** Kafka accepts 4096–16384 iterations for SCRAM (ScramMechanism); twice the minimum. */
const iterations = 8192;

/** The salted form of one password (RFC 5802, Hi()), as the broker stores it. */
const saltPassword = async ({ name, password }: { name: string; password: string }) => {
  const salt = randomBytes(32);
  const saltedPassword = await derive(Buffer.from(password, 'utf8'), salt, iterations, 64, 'sha512');
  return { name, mechanism: scramSha512, iterations, salt, saltedPassword };
};

type Salted = Awaited<ReturnType<typeof saltPassword>>;

const alterScram = async (
  brokers: Brokers,
  deletions: { name: string; mechanism: number }[],
  upsertions: Salted[],
): Promise<Map<string, Outcome>> => {
  const answer = await brokers.ask(alterUserScramCredentialsV0, deletions, upsertions);
  return new Map(answer.results.map((result) => [result.user, outcome(result)]));
};

export const upsertScramUsers = async (
  brokers: Brokers,
  users: readonly { name: string; password: string }[],
): Promise<Map<string, Outcome>> =>
  users.length === 0 ? new Map() : alterScram(brokers, [], await Promise.all(users.map(saltPassword)));

export const deleteScramUsers = async (
  brokers: Brokers,
  names: readonly string[],
): Promise<Map<string, Outcome>> =>
  names.length === 0
    ? new Map()
    : alterScram(
        brokers,
        names.map((name) => ({ name, mechanism: scramSha512 })),
        [],
      );
