import { entries, entry } from '../../test/notifications.js';
import { createTestStore, type TestStore } from '../../test/test-store.js';
import { notificationView } from '../view.js';

let test: TestStore;

beforeEach(async () => {
  test = await createTestStore();
});

afterEach(() => test.drop());

it('says what the view of a page says, member for member, and with it the same state', async () => {
  const text = 'a "quoted" \\ 😀 \u2028 \t é\r\n\nevent: gap';
  await test.store.append([
    entry(1, { title: text, body: text, metadata: { [text]: text }, link: 'https://example.com/?a=1&b=2' }),
    { origin: 'http:1', notification: { ...entry(2).notification, happenedAt: 0, severity: 'critical' } },
    entry(3, { squads: ['infra-ops', 'slm-execution'] }),
    entry(4, { squads: ['ui-experience'] }),
  ]);
  const page = await test.store.after('infra-ops', '0', 10);
  const raw = await test.store.rawAfter('infra-ops', 0n, 10);
  expect(raw.state).toEqual(page.state);
  expect(raw.notifications.map(({ json }) => JSON.parse(json) as unknown)).toEqual(
    page.notifications.map(notificationView),
  );
  expect(Object.keys(JSON.parse(raw.notifications[0]?.json ?? '') as object)).toEqual(
    page.notifications.slice(0, 1).flatMap((one) => Object.keys(notificationView(one))),
  );
  expect(raw.notifications.map(({ json: _, ...rest }) => rest)).toEqual(
    page.notifications.map(({ position, happenedAt, storedAt }) => ({ position, happenedAt, storedAt })),
  );
  // No raw line break: one data line holds it.
  expect(raw.notifications.some(({ json }) => /[\r\n]/.test(json))).toBe(false);
});

it('pages in order, each row once', async () => {
  await test.store.append(entries(0, 25));
  await test.store.append(entries(25, 25, { squads: ['ui-experience'] }));
  await test.store.append(entries(50, 3));
  const seen: string[] = [];
  const { head } = await test.store.state();
  for (let last = 0n; last < head;) {
    const { upTo, notifications } = await test.store.rawAfter('infra-ops', last, 10);
    seen.push(...notifications.map(({ position }) => position));
    expect(upTo).toBeGreaterThan(last);
    last = upTo;
  }
  expect((await test.store.rawAfter('infra-ops', head, 10)).upTo).toBe(head);
  expect(seen).toEqual(
    (await test.store.after('infra-ops', '0', 100)).notifications.map(({ position }) => position),
  );
});
