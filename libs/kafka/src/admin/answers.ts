import { protocolErrorsCodesById } from '@platformatic/kafka';
import { KafkaError } from '../errors.js';
import type { Found, Outcome } from './types.js';

const codes = protocolErrorsCodesById as Readonly<Record<number, string>>;

/** Kafka's name of an error code; `ERROR_<code>` for one that the client does not know. */
export const errorName = (code: number): string => codes[code] ?? `ERROR_${code}`;

/** Broker answers of one resource, whatever the call: an error code and perhaps a message. */
export interface Answer {
  readonly errorCode: number;
  readonly errorMessage?: string | null | undefined;
}

const refusal = ({ errorCode, errorMessage }: Answer) => ({
  error: errorName(errorCode),
  message: errorMessage ?? errorName(errorCode),
});

/** An answer as the outcome of a change. */
export const outcome = (answer: Answer): Outcome =>
  answer.errorCode === 0 ? { ok: true } : { ok: false, ...refusal(answer) };

/** An answer as what was asked for, or why it was not shown. */
export const found = <T>(answer: Answer, value: () => T): Found<T> =>
  answer.errorCode === 0 ? { found: true, value: value() } : { found: false, ...refusal(answer) };

const unanswered: Outcome = {
  ok: false,
  error: 'NO_ANSWER',
  message: 'the broker did not answer for this resource',
};

/** Outcomes in the order of the names that were asked for. */
export const outcomesOf = <A extends Answer>(
  names: readonly string[],
  answers: readonly A[],
  nameOf: (answer: A) => string | null,
): Outcome[] => {
  const byName = new Map(answers.map((answer) => [nameOf(answer), outcome(answer)]));
  return names.map((name) => byName.get(name) ?? unanswered);
};

/** Throws `ADMIN_REFUSED` for a request that failed as a whole. */
export const refuse = (call: string, { errorCode, errorMessage }: Answer): never => {
  const name = errorName(errorCode);
  throw new KafkaError('ADMIN_REFUSED', `${call}: ${errorMessage ?? name} (${name})`);
};
