import { testTimeout } from './jest.preset.mjs';

export default {
  // Jest takes it from here when it runs all projects, and from the preset when it runs one.
  testTimeout,
  projects: ['<rootDir>/apps/*', '<rootDir>/libs/*', '<rootDir>/tools/*', '<rootDir>/examples/*'],
};
