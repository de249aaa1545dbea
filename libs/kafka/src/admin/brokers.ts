import type { KafkaSettings } from '../config.js';
import { KafkaError } from '../errors.js';
import { BrokerConnection, type RequestCounts } from './connection.js';
import type { Protocol } from './protocol.js';

interface Address {
  readonly host: string;
  readonly port: number;
}

/** The brokers of one cluster: any of them for what all know, a certain one for what only it knows. */
export class Brokers {
  readonly #counts: RequestCounts = new Map();
  readonly #any: BrokerConnection;
  readonly #addresses = new Map<number, string>();
  readonly #byAddress = new Map<string, BrokerConnection>();

  constructor(
    private readonly settings: KafkaSettings,
    private readonly clientId: string,
  ) {
    this.#any = new BrokerConnection(settings, clientId, this.#counts);
  }

  /** Requests sent up to now, by the protocol's name of the call; logins are not among them. */
  get requests(): ReadonlyMap<string, number> {
    return new Map(this.#counts);
  }

  /** Asks any broker; see {@link BrokerConnection.request}. */
  ask<A extends unknown[], R>(protocol: Protocol<A, R>, ...args: A): Promise<R> {
    return this.#any.request(protocol, ...args);
  }

  /** Asks the broker of this id, at the address that the cluster last gave for it. */
  async askBroker<A extends unknown[], R>(id: number, protocol: Protocol<A, R>, ...args: A): Promise<R> {
    const address = this.#addresses.get(id);
    if (address === undefined) {
      throw new KafkaError('CLUSTER_UNREACHABLE', `broker ${id} is not in the cluster's metadata`, {
        transient: true,
      });
    }
    return this.#at(address).request(protocol, ...args);
  }

  /** Remembers the advertised addresses of an answer; a broker that came back may have another one. */
  learn(brokers: readonly (Address & { readonly id: number })[]): void {
    for (const { id, host, port } of brokers) this.#addresses.set(id, `${host}:${port}`);
  }

  async close(): Promise<void> {
    await Promise.all([this.#any, ...this.#byAddress.values()].map((connection) => connection.close()));
  }

  #at(address: string): BrokerConnection {
    const known = this.#byAddress.get(address);
    if (known) return known;
    const settings = { ...this.settings, brokers: [address] };
    const connection = new BrokerConnection(settings, this.clientId, this.#counts);
    this.#byAddress.set(address, connection);
    return connection;
  }
}
