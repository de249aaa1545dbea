import { Connection, protocolAPIsById } from '@platformatic/kafka';
import type { KafkaSettings } from '../config.js';
import { KafkaError, messageOf, wholeMessageOf } from '../errors.js';
import { exactly, type Protocol } from './protocol.js';

const connectTimeoutMs = 3_000;
/** Longer than any timeout that a request asks of the broker. */
const requestTimeoutMs = 40_000;

/** A request's answer that carries per-resource errors: the client throws it, we want to read it. */
interface AnswerWithErrors {
  readonly response?: unknown;
}

const answerOf = (error: unknown): unknown => (error as AnswerWithErrors | null)?.response;

const isProtocolAnswer = (error: unknown): boolean => answerOf(error) !== undefined;

/** A refusal that another broker would repeat: trying the next one only hides it. */
const isRefusal = (error: unknown): boolean => {
  for (
    let one = error as { code?: string; cause?: unknown } | undefined;
    one;
    one = one.cause as typeof one
  ) {
    if (one.code === 'PLT_KFK_AUTHENTICATION') return true;
  }
  return false;
};

/** How many requests were sent, by the protocol's name of the call; shared by the connections of one client. */
export type RequestCounts = Map<string, number>;

/**
 * One authenticated connection to any of the brokers it is given (under KRaft every broker forwards admin requests
 * to the controller), opened when first needed and again on the next broker when it breaks. Requests share it.
 */
export class BrokerConnection {
  #connection: Promise<Connection> | undefined;
  #next = 0;
  #closed = false;

  constructor(
    private readonly settings: KafkaSettings,
    private readonly clientId: string,
    private readonly counts: RequestCounts,
  ) {}

  /** Sends one request; returns its answer also when parts of it failed. Tries each broker once. */
  async request<A extends unknown[], R>(protocol: Protocol<A, R>, ...args: A): Promise<R> {
    const api = exactly(protocol);
    const failures: string[] = [];
    // One more than there are brokers: the first try may find its idle connection closed.
    for (let attempt = 0; attempt <= this.settings.brokers.length; attempt += 1) {
      // A request that was under way when it was closed may not open what nobody closes again.
      if (this.#closed) throw new KafkaError('CLUSTER_UNREACHABLE', 'this connection is closed');
      const broker = this.#broker();
      const connecting = (this.#connection ??= this.#open(broker));
      try {
        const connection = await connecting;
        if (!connection.isConnected()) throw new Error('the connection was closed');
        this.#count(api.key);
        return await api.async(connection, ...args);
      } catch (error) {
        if (isProtocolAnswer(error)) return answerOf(error) as R;
        this.#drop(connecting);
        if (isRefusal(error)) {
          throw new KafkaError('ADMIN_REFUSED', `${broker} refused the login: ${messageOf(error)}`, {
            cause: error,
          });
        }
        failures.push(`${broker}: ${wholeMessageOf(error)}`);
      }
    }
    throw new KafkaError('CLUSTER_UNREACHABLE', `no broker answered (${failures.join(', ')})`, {
      transient: true,
    });
  }

  async close(): Promise<void> {
    this.#closed = true;
    const connection = await this.#connection?.catch(() => undefined);
    this.#connection = undefined;
    // A connection that broke may fail to close as well; there is nothing left to release then.
    await connection?.close().catch(() => undefined);
  }

  #count(key: number): void {
    const name = protocolAPIsById[key] ?? `API_${key}`;
    this.counts.set(name, (this.counts.get(name) ?? 0) + 1);
  }

  #broker(): string {
    const { brokers } = this.settings;
    return brokers[this.#next % brokers.length] as string;
  }

  // Requests that shared a broken connection all fail; only the first of them moves on to the next broker.
  #drop(connecting: Promise<Connection>): void {
    if (this.#connection !== connecting) return;
    this.#connection = undefined;
    this.#next += 1;
    connecting.then((connection) => connection.close()).catch(() => undefined);
  }

  async #open(broker: string): Promise<Connection> {
    const { username, password, tlsCa } = this.settings;
    const connection = new Connection(this.clientId, {
      connectTimeout: connectTimeoutMs,
      requestTimeout: requestTimeoutMs,
      ...(tlsCa && { tls: tlsCa.length > 0 ? { ca: [...tlsCa] } : {} }),
      ...(username !== undefined && {
        sasl: { mechanism: 'SCRAM-SHA-512', username, password: password ?? '' },
      }),
    });
    // An idle connection that the broker closes is opened again by the next request.
    connection.on('error', () => undefined);
    const separator = broker.lastIndexOf(':');
    await connection.connect(broker.slice(0, separator), Number(broker.slice(separator + 1)));
    return connection;
  }
}
