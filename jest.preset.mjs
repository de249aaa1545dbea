// One preset for every package: swc compiles, Jest runs ES modules, workspace imports resolve to sources
// (the "@soma/source" export condition), so a test never runs against a stale build.
/** Milliseconds; long, because a loaded machine is slow, and no test waits for time. */
export const testTimeout = 60_000;

export const preset = (displayName) => ({
  displayName,
  testEnvironment: 'node',
  testTimeout,
  testEnvironmentOptions: { customExportConditions: ['@soma/source', 'node'] },
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  testMatch: ['<rootDir>/src/**/*.spec.ts', '<rootDir>/test/**/*.spec.ts'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        jsc: {
          parser: { syntax: 'typescript', decorators: true },
          transform: { legacyDecorator: true, decoratorMetadata: true },
          target: 'es2023',
        },
        module: { type: 'es6' },
        sourceMaps: 'inline',
      },
    ],
  },
});
