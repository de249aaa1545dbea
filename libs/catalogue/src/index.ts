export * from './core/check-files.js';
export * from './core/generate-event.js';
export type { SourceFile } from './core/source.js';
export * from './load-catalogue.js';
export * from './problem.js';
