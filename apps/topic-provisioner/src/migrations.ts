import { fileURLToPath } from 'node:url';

/** Folder of this service's migrations. */
export const migrations = fileURLToPath(new URL('../migrations', import.meta.url));
