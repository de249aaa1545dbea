export * from './core/check-files.js';
export {
  changeInWords,
  type Direction,
  type Incompatibility,
  type IncompatibilityKind,
  remedy,
} from './core/compatibility/incompatibility.js';
export * from './core/compatibility/levels.js';
export * from './core/compatibility/schema-incompatibilities.js';
export * from './core/generate-event.js';
export type { SourceFile } from './core/source.js';
export * from './load-catalogue.js';
export * from './problem.js';
