import { randomBytes } from 'node:crypto';

/** A name that no other test uses: `<prefix>-` and twelve hex digits. */
export const uniqueName = (prefix: string): string => `${prefix}-${randomBytes(6).toString('hex')}`;
