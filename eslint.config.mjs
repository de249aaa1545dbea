import js from '@eslint/js';
import nx from '@nx/eslint-plugin';
import { createTypeScriptImportResolver } from 'eslint-import-resolver-typescript';
import { importX } from 'eslint-plugin-import-x';
import tseslint from 'typescript-eslint';

const vendors = {
  kafka: ['kafkajs', '@platformatic/kafka'],
  postgres: ['pg', 'node-pg-migrate'],
  redis: ['ioredis'],
};

/** Who may import whom: one direction, apps never each other. */
const layers = {
  contracts: [],
  client: [],
  catalogue: ['contracts'],
  telemetry: ['contracts'],
  testing: ['contracts'],
  adapter: ['telemetry', 'contracts', 'testing'],
  kit: ['telemetry', 'contracts', 'testing'],
  app: ['kit', 'adapter', 'catalogue', 'telemetry', 'contracts', 'client', 'testing'],
  example: ['kit', 'adapter', 'telemetry', 'contracts', 'testing'],
  platform: ['contracts', 'catalogue', 'testing'],
  tool: [
    'app',
    'kit',
    'adapter',
    'catalogue',
    'telemetry',
    'contracts',
    'client',
    'platform',
    'testing',
    'tool',
  ],
};

const bannedVendors = (own) =>
  Object.entries(vendors)
    .filter(([name]) => name !== own)
    .flatMap(([, packages]) => packages);

/** Modules that reach out of the process: a core/ folder decides and leaves that to its shell. */
const inputOutput = [
  'fs',
  'net',
  'http',
  'https',
  'http2',
  'dgram',
  'dns',
  'tls',
  'child_process',
  'worker_threads',
  'cluster',
  'readline',
  'repl',
];

export default tseslint.config(
  {
    ignores: ['**/dist/**', '**/node_modules/**', '.nx/**', '.soma/**', 'libs/contracts/src/generated/**'],
  },
  {
    files: ['**/*.mjs'],
    extends: [js.configs.recommended],
    languageOptions: {
      globals: Object.fromEntries(
        [
          'process',
          'console',
          'performance',
          'URL',
          'fetch',
          'setTimeout',
          'setInterval',
          'clearInterval',
        ].map((name) => [name, 'readonly']),
      ),
    },
  },
  {
    files: ['**/*.ts'],
    extends: [js.configs.recommended, ...tseslint.configs.recommendedTypeChecked],
    languageOptions: {
      parserOptions: { project: ['./tsconfig.json'], tsconfigRootDir: import.meta.dirname },
    },
    plugins: { '@nx': nx, 'import-x': importX },
    settings: {
      // Without these two, imports of .ts files are not followed, and no cycle is found.
      'import-x/extensions': ['.ts'],
      'import-x/parsers': { '@typescript-eslint/parser': ['.ts'] },
      'import-x/resolver-next': [
        createTypeScriptImportResolver({
          project: './tsconfig.json',
          conditionNames: ['@soma/source', 'types', 'import', 'default'],
        }),
      ],
    },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/no-extraneous-class': 'off',
      '@typescript-eslint/restrict-template-expressions': [
        'error',
        { allowNumber: true, allowBoolean: true, allowNullish: true },
      ],
      eqeqeq: 'error',
      'import-x/no-cycle': ['error', { maxDepth: Infinity }],
      'import-x/no-self-import': 'error',
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            {
              group: ['@soma/*/src/*', '@soma/*/dist/*', '**/../../../libs/**'],
              message: 'Import the package by its name: deep imports break its promises.',
            },
          ],
        },
      ],
      '@nx/enforce-module-boundaries': [
        'error',
        {
          allow: [],
          checkDynamicDependenciesExceptions: ['.*'],
          depConstraints: [
            ...Object.entries(layers).map(([layer, allowed]) => ({
              sourceTag: `layer:${layer}`,
              onlyDependOnLibsWithTags: allowed.map((name) => `layer:${name}`),
              ...(layer !== 'adapter' && layer !== 'tool' && { bannedExternalImports: bannedVendors() }),
            })),
            ...Object.keys(vendors).map((name) => ({
              sourceTag: `vendor:${name}`,
              onlyDependOnLibsWithTags: ['*'],
              bannedExternalImports: bannedVendors(name),
            })),
          ],
        },
      ],
    },
  },
  {
    // Nest's dependency injection reads the types of constructor parameters at run time.
    files: [
      'apps/**/*.ts',
      'libs/service-kit/**/*.ts',
      'examples/**/*.ts',
      'libs/kafka/src/transport/**/*.ts',
    ],
    rules: { '@typescript-eslint/consistent-type-imports': 'off' },
  },
  {
    // It runs in browsers: what only Node has is behind an entry of its own.
    files: ['libs/feed-client/src/**/*.ts'],
    ignores: ['**/*.spec.ts', 'libs/feed-client/src/node.ts'],
    rules: {
      'no-restricted-imports': ['error', { patterns: ['node:*', '@soma/*', './node.js', '../node.js'] }],
      'no-restricted-globals': ['error', 'process', 'Buffer', 'global', 'setImmediate'],
    },
  },
  {
    files: ['**/core/**/*.ts'],
    ignores: ['**/*.spec.ts'],
    rules: {
      'no-restricted-imports': 'off',
      '@typescript-eslint/no-restricted-imports': [
        'error',
        {
          paths: inputOutput
            .flatMap((name) => [name, `node:${name}`, `${name}/promises`, `node:${name}/promises`])
            .map((name) => ({ name, allowTypeImports: true })),
          patterns: [
            {
              group: [
                '@nestjs/*',
                '@soma/kafka',
                '@soma/postgres',
                '@soma/redis',
                '@soma/service-kit',
                '@soma/telemetry',
                'kafkajs',
                'pg',
                'ioredis',
                'pino',
                '**/adapters/**',
              ],
              allowTypeImports: true,
              message: 'core/ is pure: it takes facts and returns a decision.',
            },
          ],
        },
      ],
      'no-restricted-globals': ['error', 'fetch', 'setTimeout', 'setInterval', 'process'],
      'no-restricted-properties': [
        'error',
        { object: 'Date', property: 'now', message: 'Time comes in as an argument.' },
        { object: 'Math', property: 'random', message: 'Randomness comes in as an argument.' },
      ],
    },
  },
  {
    files: ['**/*.spec.ts'],
    rules: {
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/unbound-method': 'off',
    },
  },
);
