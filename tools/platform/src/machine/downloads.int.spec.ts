import { appendFileSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cacheFault, ensureArtifact, kafkaArtifact, kafkaJars } from './downloads.js';
import { sha256Of, checksumsOf } from './checksums.js';
import { locate } from './software.js';

const cache = mkdtempSync(join(tmpdir(), 'soma-cache-'));
afterAll(() => rmSync(cache, { recursive: true }));

test('Kafka is fetched once, verified, and fetched again when its copy is damaged', async () => {
  const notes: string[] = [];
  const ensure = (): Promise<string> =>
    ensureArtifact(cache, kafkaArtifact, locate(['mvn']), (note) => notes.push(note));
  // Two at once, as two checkouts on one machine: both get the same good folder.
  const [folder = ''] = await Promise.all([ensure(), ensure()]);
  expect(notes).toEqual([
    'kafka-4.1.0: not downloaded yet, fetching',
    'kafka-4.1.0: not downloaded yet, fetching',
  ]);
  expect(readdirSync(cache)).toEqual(['kafka-4.1.0']);
  expect(cacheFault(cache, kafkaArtifact)).toBeUndefined();
  await ensure();
  expect(notes).toHaveLength(2);

  const [jar = ''] = kafkaJars(folder);
  appendFileSync(jar, 'x');
  expect(cacheFault(cache, kafkaArtifact)).toBe('damaged: HdrHistogram-2.2.2.jar');
  await ensure();
  expect(notes.at(-1)).toBe('kafka-4.1.0: damaged: HdrHistogram-2.2.2.jar, fetching');
  expect(await sha256Of(jar)).toBe(checksumsOf('kafka-4.1.0')[0]?.sha256);
  expect(readdirSync(cache)).toEqual(['kafka-4.1.0']);
}, 300_000);

test('without Maven the message says what it was needed for', async () => {
  await expect(
    ensureArtifact(join(cache, 'empty'), kafkaArtifact, undefined, () => undefined),
  ).rejects.toThrow('mvn is needed to fetch kafka-4.1.0');
});
