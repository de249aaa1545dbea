import { copyFile, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { migrate } from '@soma/postgres';

const migrations = fileURLToPath(new URL('../migrations', import.meta.url));

/** What a replica from before the log sends for an event: topic, partition and offset. */
export const insertOld = `
  INSERT INTO notification (topic, partition, record_offset, squads, source, kind, severity, title, body, dedupe_key,
                            happened_at)
  VALUES ($1, $2, $3, '{*}', 'settings-api', 'settings.changed', 'info', 'old', '', 'key', now())
  ON CONFLICT (topic, partition, record_offset) DO NOTHING`;

/** Applies the migrations up to one, inclusive: the database as an earlier version left it. */
export const migrateTo = async (url: string, last: string): Promise<void> => {
  const folder = await mkdtemp(join(tmpdir(), 'soma-migrations-'));
  try {
    for (const name of await readdir(migrations)) {
      if (name <= last) await copyFile(join(migrations, name), join(folder, name));
    }
    await migrate(url, folder);
  } finally {
    await rm(folder, { recursive: true });
  }
};
