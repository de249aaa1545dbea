import { join } from 'node:path';
import { runCodegen } from './run-codegen.js';

const root = join(import.meta.dirname, '..', '..', '..');
const { ok, lines } = await runCodegen(root, { check: process.argv.includes('--check') });
for (const line of lines) (ok ? console.log : console.error)(line);
if (!ok) process.exitCode = 1;
