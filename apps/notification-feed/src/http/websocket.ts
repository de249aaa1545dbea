import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { Authenticator, LOGGER, parseRequest, Problem, refuseSocket } from '@soma/service-kit';
import type { Logger } from '@soma/telemetry';
import { WebSocketServer } from 'ws';
import { acknowledge } from '../acknowledge.js';
import type { ConsumerStore } from '../ports.js';
import type { Hub, Opened, Start } from '../streams/hub.js';
import { CONSUMER_STORE, HUB } from '../tokens.js';
import { Refusals } from '../refusals.js';
import { requireSquad, SquadRefused, stillReads } from './access.js';
import { startOf, webSocketQuery } from './requests.js';
import { type Acknowledging, WebSocketSink } from './websocket-sink.js';

export const webSocketPath = '/v1/ws';
/** Offered by clients; what a browser cannot say in a header comes as a second one, `bearer.<token>`. */
const protocol = 'soma.feed.v1';
/** An acknowledgement is short. */
const maxPayload = 4_096;

const offered = (request: IncomingMessage): string[] =>
  (request.headers['sec-websocket-protocol'] ?? '').split(',').map((one) => one.trim());

/** Header, or what stands for it in a browser. */
const authorization = (request: IncomingMessage): string | undefined => {
  const token = offered(request).find((one) => one.startsWith('bearer.'));
  return request.headers.authorization ?? (token && `Bearer ${token.slice('bearer.'.length)}`);
};

/** The feed through WebSockets: the same cursors, and acknowledgements that the service remembers for named consumers. */
@Injectable()
export class FeedWebSockets implements OnApplicationBootstrap {
  readonly #server = new WebSocketServer({
    noServer: true,
    clientTracking: false,
    maxPayload,
    perMessageDeflate: false,
    handleProtocols: (names) => (names.has(protocol) ? protocol : false),
  });

  constructor(
    @Inject(HttpAdapterHost) private readonly host: HttpAdapterHost,
    @Inject(Authenticator) private readonly authenticator: Authenticator,
    @Inject(HUB) private readonly hub: Hub,
    @Inject(CONSUMER_STORE) private readonly consumers: ConsumerStore,
    @Inject(Refusals) private readonly refusals: Refusals,
    @Inject(LOGGER) private readonly logger: Logger,
  ) {}

  onApplicationBootstrap(): void {
    const server = this.host.httpAdapter.getHttpServer() as import('node:http').Server;
    server.on('upgrade', (request: IncomingMessage, socket: Socket, head: Buffer) => {
      socket.on('error', () => undefined);
      void this.#upgrade(request, socket, head);
    });
  }

  async #upgrade(request: IncomingMessage, socket: Socket, head: Buffer): Promise<void> {
    const path = request.url?.split('?', 1)[0] ?? '';
    try {
      if (path !== webSocketPath)
        throw new Problem(404, 'not-found', `no WebSocket at ${path}: try ${webSocketPath}`);
      const caller = await this.authenticator.authenticate(authorization(request), ['feed:read']);
      const query = parseRequest(
        webSocketQuery,
        Object.fromEntries(new URL(request.url ?? '', 'http://localhost').searchParams),
      );
      const { squad, consumer } = query;
      requireSquad(caller, squad);
      const opened = await this.hub.open(squad, await this.#start(query));
      if (consumer !== undefined && opened.resumption.gap === undefined)
        await this.#register(squad, consumer, opened);
      if (socket.destroyed) return;
      this.#server.handleUpgrade(request, socket, head, (webSocket) => {
        const sink = new WebSocketSink(webSocket, socket, this.#acknowledging(squad, consumer, opened));
        void this.hub.serve(opened, { sink, transport: 'websocket', allowed: stillReads(caller, squad) });
      });
    } catch (error) {
      if (error instanceof SquadRefused) void this.refusals.note(error);
      refuseSocket(socket, error, path);
    }
  }

  /** A named consumer without a cursor goes on behind what it has acknowledged. */
  async #start(query: ReturnType<typeof webSocketQuery.parse>): Promise<Start> {
    const start = startOf(query);
    if (start !== 'now' || query.consumer === undefined) return start;
    const cursor = await this.consumers.find(query.squad, query.consumer);
    return cursor ? { cursor } : 'now';
  }

  /** From its first connection on, a consumer misses nothing, whenever it comes back. */
  async #register(squad: string, name: string, { state, resumption }: Opened): Promise<void> {
    if (await this.consumers.find(squad, name)) return;
    await this.consumers.acknowledge(squad, name, { epoch: state.epoch, position: resumption.position });
  }

  #acknowledging(squad: string, name: string | undefined, { state }: Opened): Acknowledging | undefined {
    if (name === undefined) return undefined;
    const { epoch } = state;
    return { onAck: acknowledge(this.consumers, { squad, name, epoch, logger: this.logger }) };
  }
}
