import type { Catalogue } from '@soma/contracts';
import { asyncapiYaml } from './asyncapi/document.js';
import { contractsPage } from './markdown/contracts-page.js';
import { typescriptModules } from './typescript/modules.js';

/** Folder that holds nothing but generated modules. */
export const generatedFolder = 'libs/contracts/src/generated';

/** The files that follow from the catalogue: content by path within the repository. Pure. */
export const generate = (catalogue: Catalogue): ReadonlyMap<string, string> =>
  new Map([
    ...[...typescriptModules(catalogue)].map(([name, text]): [string, string] => [
      `${generatedFolder}/${name}`,
      text,
    ]),
    ['docs/contracts.md', contractsPage(catalogue)],
    ['docs/asyncapi.yaml', asyncapiYaml(catalogue)],
  ]);
