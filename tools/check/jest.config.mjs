import { preset } from '../../jest.preset.mjs';

export default {
  ...preset('check'),
  // Without 'import': Jest would give it to require() too, and pg would get the wrong half of pg-pool.
  testEnvironmentOptions: { customExportConditions: ['@soma/source', 'node', 'default'] },
};
