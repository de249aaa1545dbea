import { createParser, type EventSourceMessage } from 'eventsource-parser';
import fc from 'fast-check';
import { sseCursor, sseHeartbeat, sseMessage } from './sse.js';

const parse = (text: string) => {
  const messages: EventSourceMessage[] = [];
  createParser({ onEvent: (message) => messages.push(message) }).feed(text);
  return messages;
};

it('arrives at a client as it was, also with line breaks, controls and other scripts in it', () => {
  fc.assert(
    fc.property(
      fc.bigInt({ min: 0n }),
      fc.string({ unit: 'binary' }),
      fc.string({ unit: 'grapheme' }),
      (id, title, body) => {
        const data = { title, body: `${body}\r\n\ndata: x\u2028` };
        const [message, ...more] = parse(
          sseMessage({ id: `${id}`, event: 'notification', json: JSON.stringify(data) }),
        );
        expect(message).toMatchObject({ id: `${id}`, event: 'notification' });
        expect(JSON.parse(message?.data ?? '')).toEqual(data);
        expect(more).toEqual([]);
      },
    ),
  );
});

it('sends heartbeats and cursors that no client takes for a message', () => {
  const message = sseMessage({ id: '1', event: 'notification', json: '{}' });
  expect(parse(sseHeartbeat + sseCursor('a.1') + message + sseCursor('a.2') + sseHeartbeat)).toHaveLength(1);
});
