import type { Connection } from '../connection.js';
import type { Measurement } from '../measurement.js';

/** Measures on a running platform and leaves nothing there; throws when it could not measure. */
export type Suite = (connection: Connection, progress: (text: string) => void) => Promise<Measurement[]>;
