import type { Postgres } from '@soma/postgres';
import type { PeopleStore } from '../people-ports.js';
import { createReadingStore } from './reading-store.js';
import { createReminderStore } from './reminder-store.js';
import { createResponseStore } from './response-store.js';

const tables = [
  'read_position',
  'snooze',
  'acknowledgement',
  'assignment',
  'response_history',
  'escalation',
] as const;

/** What people have done with the feed, in PostgreSQL. */
export const createPeopleStore = (postgres: Postgres): PeopleStore => ({
  ...createReadingStore(postgres),
  ...createResponseStore(postgres),
  ...createReminderStore(postgres),

  prune: async (floor) => {
    for (const table of tables) await postgres.query(`DELETE FROM ${table} WHERE position < $1`, [floor]);
    await postgres.query('DELETE FROM mute WHERE until < now()');
    await postgres.query('DELETE FROM snooze WHERE until < now()');
  },
});
