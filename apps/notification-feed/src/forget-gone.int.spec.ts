import { entry } from '../test/notifications.js';
import { createTestStore, type TestStore } from '../test/test-store.js';
import { createPeopleStore } from './adapters/people-store.js';
import { forgetGone } from './forget-gone.js';

let test: TestStore;

beforeEach(async () => {
  test = await createTestStore();
});

afterEach(() => test.drop());

it('forgets what was done with notifications of which no severity is kept any more', async () => {
  const people = createPeopleStore(test.postgres);
  const forget = forgetGone(test.store, people);
  const [first, second] = await test.store.append([entry(1), entry(2)]);
  for (const position of [first?.position ?? '', second?.position ?? ''])
    await people.acknowledge('infra-ops', position, 'ann', null);
  const acknowledged = async () =>
    (
      await test.postgres.query<{ position: string }>('SELECT position FROM acknowledgement ORDER BY 1')
    ).rows.map(({ position }) => position);
  const gone = (severity: string) =>
    test.postgres.query('UPDATE feed_floor SET position = $1 WHERE severity LIKE $2', [
      first?.position,
      severity,
    ]);
  await gone('info');
  await forget();
  expect(await acknowledged()).toHaveLength(2);
  await gone('%');
  await forget();
  expect(await acknowledged()).toEqual([second?.position]);
});
