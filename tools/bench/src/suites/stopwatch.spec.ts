import { Stopwatch } from './stopwatch.js';

it('gives the rate once the last event was seen', async () => {
  const stopwatch = new Stopwatch(3);
  stopwatch.see(1);
  stopwatch.see(2);
  expect(await stopwatch.done).toBeGreaterThan(0);
});

it('gives up with what it has seen', async () => {
  const stopwatch = new Stopwatch(3, 1);
  stopwatch.see(2);
  await expect(stopwatch.done).rejects.toThrow('2 of 3 events came within 0.001 s');
});
