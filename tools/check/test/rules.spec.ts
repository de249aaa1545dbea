import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const mark = `planted-${randomBytes(4).toString('hex')}`;
const app = `apps/notification-feed/src/${mark}`;
const core = `apps/notification-feed/src/core/${mark}`;

/** What must not pass, by file, and the rule that stops it. */
const planted: Readonly<Record<string, { readonly text: string; readonly rule: string }>> = {
  [`${app}-layer.ts`]: {
    text: "import { plan } from '@soma/topic-provisioner';\nexport const x = plan;\n",
    rule: '@nx/enforce-module-boundaries',
  },
  [`${app}-vendor.ts`]: {
    text: "import pg from 'pg';\nexport const x = pg;\n",
    rule: '@nx/enforce-module-boundaries',
  },
  [`libs/redis/src/${mark}-vendor.ts`]: {
    text: "import { Kafka } from 'kafkajs';\nexport const x = Kafka;\n",
    rule: '@nx/enforce-module-boundaries',
  },
  [`libs/feed-client/src/${mark}-node.ts`]: {
    text: "import { readFileSync } from 'node:fs';\nexport const x = readFileSync;\n",
    rule: 'no-restricted-imports',
  },
  [`libs/feed-client/src/${mark}-layer.ts`]: {
    text: "import { createLogger } from '@soma/telemetry';\nexport const x = createLogger;\n",
    rule: '@nx/enforce-module-boundaries',
  },
  [`${app}-deep.ts`]: {
    text: "import { x } from '@soma/kafka/src/client.js';\nexport const y: unknown = x;\n",
    rule: 'no-restricted-imports',
  },
  [`${app}-floating.ts`]: {
    text: 'export const go = (): void => {\n  Promise.resolve(1);\n};\n',
    rule: '@typescript-eslint/no-floating-promises',
  },
  [`${app}-cycle-a.ts`]: {
    text: `import { b } from './${mark}-cycle-b.js';\nexport const a = (): number => b();\n`,
    rule: 'import-x/no-cycle',
  },
  [`${app}-cycle-b.ts`]: {
    text: `import { a } from './${mark}-cycle-a.js';\nexport const b = (): number => a();\n`,
    rule: 'import-x/no-cycle',
  },
  [`${core}-files.ts`]: {
    text: "import { readFileSync } from 'node:fs';\nexport const x = readFileSync;\n",
    rule: '@typescript-eslint/no-restricted-imports',
  },
  [`${core}-adapter.ts`]: {
    text: "import { createPostgres } from '@soma/postgres';\nexport const x = createPostgres;\n",
    rule: '@typescript-eslint/no-restricted-imports',
  },
  [`${core}-clock.ts`]: {
    text: 'export const now = (): number => Date.now();\n',
    rule: 'no-restricted-properties',
  },
};

const run = (command: string, args: readonly string[]): Promise<string> =>
  new Promise((resolve) => {
    const env = { ...process.env, NX_DAEMON: 'false', NODE_OPTIONS: '' };
    const program = join(root, 'node_modules', '.bin', command);
    // ESLint ends with 1 when it found something: its report says what.
    execFile(program, args, { cwd: root, env, maxBuffer: 2 ** 26 }, (_, out, err) => resolve(out || err));
  });

interface Linted {
  readonly filePath: string;
  readonly messages: readonly { readonly ruleId: string | null }[];
}

afterAll(() => Promise.all(Object.keys(planted).map((file) => rm(join(root, file), { force: true }))));

it('the rules of the house stop what they are there to stop', async () => {
  for (const [file, { text }] of Object.entries(planted)) await writeFile(join(root, file), text);
  // Without the graph of packages the boundary rule skips itself, without a failure.
  await run('nx', ['show', 'projects']);
  const report = await run('eslint', ['--format', 'json', ...Object.keys(planted)]);
  const linted = JSON.parse(report) as Linted[];
  const found = Object.fromEntries(
    linted.map(({ filePath, messages }) => [
      filePath.slice(root.length),
      messages.map(({ ruleId }) => ruleId),
    ]),
  );
  for (const [file, { rule }] of Object.entries(planted))
    expect([file, found[file]]).toEqual([file, expect.arrayContaining([rule])]);
}, 180_000);
