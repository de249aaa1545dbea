#!/usr/bin/env node
// The operator's command line. `npx` puts Node 24 of this checkout first on the PATH.
import { existsSync } from 'node:fs';
import module from 'node:module';

const main = new URL('../dist/main.js', import.meta.url);
if (!existsSync(main)) {
  console.error('soma is not built yet: run `npm start`, or `npm run build`');
  process.exit(1);
}
// Half of a short command's time is compiling what it imports.
module.enableCompileCache?.();
await import(main.href);
