export * from './core/check-files.js';
export * from './core/compatibility/catalogue-agreement.js';
export {
  changeInWords,
  type Direction,
  type Incompatibility,
  type IncompatibilityKind,
  remedy,
} from './core/compatibility/incompatibility.js';
export * from './core/compatibility/levels.js';
export * from './core/compatibility/schema-incompatibilities.js';
export type { SchemaVersion, TopicBefore } from './core/compatibility/topic-agreement.js';
export * from './core/generate-event.js';
export * from './core/import/import-schema.js';
export { readTopics, type TopicFiles, type TopicsReading } from './core/read-specs.js';
export { type Finding, parseSource, type Source, type SourceFile } from './core/source.js';
export { wholeSchema } from './core/whole-schema.js';
export { zodFindings } from './core/zod-findings.js';
export * from './load-catalogue.js';
export * from './problem.js';
