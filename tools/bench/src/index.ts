export type { Measurement } from './measurement.js';
