import { randomUUID } from 'node:crypto';
import { waitFor } from '@soma/testing';
import { createTestStore, type TestStore } from '../../test/test-store.js';
import { createDeliveryStore } from './webhook-deliveries.js';
import { createWebhookStore } from './webhook-store.js';

let test: TestStore;

beforeEach(async () => {
  test = await createTestStore();
});

afterEach(() => test.drop());

const newKey = () => ({ id: randomUUID(), kind: 'hmac', sealed: Buffer.from('x'), publicKey: null }) as const;

const create = async (): Promise<string> => {
  const id = randomUUID();
  const filter = { kinds: [], minSeverity: 'info' } as const;
  const spec = { squad: 'infra-ops', url: 'https://hook.example.com/', description: '', filter };
  await createWebhookStore(test.postgres).create({ ...spec, id, createdBy: 'ann' }, newKey());
  return id;
};

const waitingForLocks = async (): Promise<number> => {
  const { rows } = await test.postgres.query<{ waiting: number }>(
    `SELECT count(*)::integer AS waiting FROM pg_stat_activity
      WHERE datname = current_database() AND wait_event_type = 'Lock'`,
  );
  return rows[0]?.waiting ?? 0;
};

/** Does work that meets the removal of a webhook half-way. */
const whileRemoved = async <T>(id: string, work: () => Promise<T>): Promise<T> => {
  let working: Promise<T> | undefined;
  await test.postgres.transaction(async (transaction) => {
    await transaction.query('SELECT 1 FROM webhook WHERE id = $1 FOR UPDATE', [id]);
    working = work();
    working.catch(() => undefined);
    await waitFor(async () => (await waitingForLocks()) > 0, { describe: 'work to wait for the removal' });
    // Its keys go with it: whoever has locked them before it now waits for each other.
    await transaction.query('DELETE FROM webhook WHERE id = $1', [id]);
  });
  if (!working) throw new Error('nothing was begun');
  return working;
};

const audited = async (webhook: string): Promise<string[]> => {
  const { rows } = await test.postgres.query<{ action: string }>(
    'SELECT action FROM audit_event WHERE subject = $1 ORDER BY at',
    [`feed-webhook/${webhook}`],
  );
  return rows.map(({ action }) => action);
};

describe('a webhook that is removed meanwhile', () => {
  it('gets no key', async () => {
    const id = await create();
    const { addKey } = createWebhookStore(test.postgres);
    expect(await whileRemoved(id, () => addKey(id, newKey(), 0, 'ann'))).toBe(false);
    expect(await addKey(id, newKey(), 0, 'ann')).toBe(false);
    expect(await audited(id)).toEqual(['webhook.created']);
  });

  it('gets no entry in its log', async () => {
    const id = await create();
    const { recordTest, find } = createDeliveryStore(test.postgres);
    const delivery = randomUUID();
    const attempt = { status: 200, error: null, durationMs: 3 };
    await whileRemoved(id, () => recordTest(id, { id: delivery, messageId: 'msg_test', attempt }));
    expect(await find(id, delivery)).toBeUndefined();
  });

  it('is not changed, and nobody is told that it was', async () => {
    const id = await create();
    const { update } = createWebhookStore(test.postgres);
    await whileRemoved(id, () => update(id, { enabled: false }, 'ann'));
    expect(await audited(id)).toEqual(['webhook.created']);
  });

  it('is nowhere to be sent from', async () => {
    const { rewind } = createDeliveryStore(test.postgres);
    expect(await rewind(randomUUID(), 0)).toBeUndefined();
  });
});
