import { createSocket } from 'node:dgram';
import { Resolver } from 'node:dns/promises';
import { once } from 'node:events';

const typeA = 1;
const headerBytes = 12;

/** End of the one question of a query: its name, then type and class. */
const questionEnd = (query: Buffer): number => {
  let at = headerBytes;
  while (query.readUInt8(at) !== 0) at += query.readUInt8(at) + 1;
  return at + 5;
};

const reply = (query: Buffer, addresses: readonly string[]): Buffer => {
  const end = questionEnd(query);
  const isA = query.readUInt16BE(end - 4) === typeA;
  const answers = isA ? addresses : [];
  const header = Buffer.from(query.subarray(0, headerBytes));
  header.writeUInt16BE(0x8180, 2);
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(answers.length, 6);
  header.writeUInt32BE(0, 8);
  const records = answers.map((address) =>
    // A pointer to the question's name, type A, class IN, a lifetime of 0 seconds, four bytes.
    Buffer.from([0xc0, headerBytes, 0, typeA, 0, 1, 0, 0, 0, 0, 0, 4, ...address.split('.').map(Number)]),
  );
  return Buffer.concat([header, query.subarray(headerBytes, end), ...records]);
};

/** A DNS server whose answers change from question to question. */
export interface DnsServer {
  /** Asks this server, over UDP. */
  readonly resolver: Resolver;
  /** Questions for addresses so far. */
  questions(): number;
  close(): Promise<void>;
}

/** Starts a DNS server that answers every name with the addresses for this question, 0 being the first. */
export const startDnsServer = async (answer: (question: number) => readonly string[]): Promise<DnsServer> => {
  const socket = createSocket('udp4');
  let questions = 0;
  socket.on('message', (query, { port, address }) => {
    const isA = query.readUInt16BE(questionEnd(query) - 4) === typeA;
    socket.send(reply(query, answer(isA ? questions++ : questions)), port, address);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  const resolver = new Resolver();
  resolver.setServers([`127.0.0.1:${socket.address().port}`]);
  return {
    resolver,
    questions: () => questions,
    close: async () => {
      socket.close();
      await once(socket, 'close');
    },
  };
};
