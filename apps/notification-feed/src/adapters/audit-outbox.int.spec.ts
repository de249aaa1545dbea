import type { Postgres } from '@soma/postgres';
import { createTestStore, type TestStore } from '../../test/test-store.js';
import { auditIn, relayAudit, type WaitingAuditEvent } from './audit-outbox.js';

let test: TestStore;
let postgres: Postgres;

beforeEach(async () => {
  test = await createTestStore();
  ({ postgres } = test);
});

afterEach(() => test.drop());

const audit = (subject: string) =>
  postgres.transaction((transaction) =>
    auditIn(transaction, { actor: 'ann', action: 'token.issued', subject, outcome: 'success' }),
  );

const relay = async (send: (event: WaitingAuditEvent) => Promise<unknown> = () => Promise.resolve()) => {
  const events: WaitingAuditEvent[] = [];
  const relayed = await relayAudit(postgres, (event) => {
    events.push(event);
    return send(event);
  });
  return { ...relayed, events, subjects: events.map(({ subject }) => subject) };
};

it('tells what was committed, in order, once', async () => {
  const before = Date.now();
  for (const subject of ['a', 'b', 'c']) await audit(subject);
  const { events, subjects, sent } = await relay();
  expect([subjects, sent]).toEqual([['a', 'b', 'c'], 3]);
  expect(events[0]).toMatchObject({ actor: 'ann', action: 'token.issued', outcome: 'success' });
  // The database server is on this machine.
  for (const { at } of events) expect(at).toBeGreaterThanOrEqual(before - 1);
  expect((await relay()).events).toEqual([]);
});

it('tells nothing of what was rolled back', async () => {
  const failing = postgres.transaction(async (transaction) => {
    await auditIn(transaction, { actor: 'ann', action: 'x', subject: 'never', outcome: 'success' });
    throw new Error('it did not happen');
  });
  await expect(failing).rejects.toThrow('it did not happen');
  expect((await relay()).events).toEqual([]);
});

it('keeps what Kafka did not take, and tells it again with the same id', async () => {
  for (const subject of ['a', 'b', 'c']) await audit(subject);
  const first = await relay(({ subject }) =>
    subject === 'b' ? Promise.reject(new Error('no')) : Promise.resolve(),
  );
  expect(first.sent).toBe(2);
  expect(first.failures).toEqual([new Error('no')]);
  const second = await relay();
  expect(second.events).toEqual([first.events[1]]);
});

it('tells again what was sent when the transaction broke before it could be deleted', async () => {
  await audit('a');
  const breaking: Postgres = {
    ...postgres,
    transaction: (work) =>
      postgres.transaction(async (transaction) => {
        await work(transaction);
        throw new Error('killed');
      }),
  };
  const sent: WaitingAuditEvent[] = [];
  await expect(relayAudit(breaking, (event) => Promise.resolve(sent.push(event)))).rejects.toThrow('killed');
  expect((await relay()).events).toEqual(sent);
});

it('leaves it to the replica that is at it', async () => {
  await audit('a');
  const inside = await relay(async () => {
    expect((await relay()).events).toEqual([]);
  });
  expect(inside.sent).toBe(1);
});
