import { fileURLToPath } from 'node:url';

/** A file shipped beside the code of this package, from `src/` and from `dist/` alike. */
export const packageFile = (path: string): string => fileURLToPath(new URL(`../${path}`, import.meta.url));
