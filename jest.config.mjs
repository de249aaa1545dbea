export default {
  projects: ['<rootDir>/apps/*', '<rootDir>/libs/*', '<rootDir>/tools/*', '<rootDir>/examples/*'],
  testTimeout: 30_000,
};
