import { posix } from 'node:path';
import { promise } from '../promise.js';
import { anchors, links } from './markdown.js';

/** One thing that is wrong with a document. */
export interface Problem {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  readonly rule: 'promise' | 'link' | 'machine-path' | 'registry-address';
  /** What is wrong, and what to do. */
  readonly message: string;
}

export interface Repository {
  /** Text of each document by its path from the root, with slashes. */
  readonly documents: ReadonlyMap<string, string>;
  /** Path of every file that a link may name. */
  readonly files: readonly string[];
}

/** Homes, temporary and working folders of somebody's machine; a reader has others. */
const machinePath =
  /(?<![\w.~:/$}-])(?:\/(?:home|Users|root|work|workspace|mnt|tmp|private|var\/folders)\/[\w.@-]+|[A-Za-z]:\\[\w.]+)/;

/** Where packages and images come from is a matter of each machine's own settings. */
const registryAddress =
  /https?:\/\/(?:[\w-]+\.)*(?:registry|npm|npmjs|yarnpkg|pypi|pythonhosted|repo1?|maven|artifactory|nexus|verdaccio|mirrors?|deb|docker|ghcr|quay|gcr)\.[\w.-]+/i;

const withFolders = (files: readonly string[]): ReadonlySet<string> => {
  const known = new Set(['.']);
  for (const file of files) {
    for (let path = file; path !== '.' && !known.has(path); path = posix.dirname(path)) known.add(path);
  }
  return known;
};

const decoded = (target: string): string => {
  try {
    return decodeURI(target);
  } catch {
    return target;
  }
};

const brokenLink = (
  file: string,
  target: string,
  known: ReadonlySet<string>,
  documents: ReadonlyMap<string, string>,
): string | undefined => {
  if (target === '' || /^[a-z][a-z0-9+.-]*:/i.test(target))
    return target === '' ? 'a link without a target' : undefined;
  const [path = '', fragment] = decoded(target).split('#');
  const resolved =
    path === '' ? file : posix.normalize(posix.join(posix.dirname(file), path)).replace(/\/$/, '');
  if (path.startsWith('/') || resolved.startsWith('..'))
    return `${target} leaves the repository: link relative to this file`;
  if (!known.has(resolved)) return `${target} names ${resolved}, which does not exist`;
  const page = documents.get(resolved);
  if (fragment && page !== undefined && !anchors(page).has(fragment))
    return `${resolved} has no heading #${fragment}`;
  return undefined;
};

/** Everything that is wrong with the documents of a repository, by file and line. */
export const checkDocuments = ({ documents, files }: Repository): readonly Problem[] => {
  const known = withFolders([...files, ...documents.keys()]);
  return [...documents].flatMap(([file, text]) => {
    const problems: Problem[] = [];
    const lines = text.split(/\r?\n/);
    if (lines[0] !== promise) {
      problems.push({ file, line: 1, rule: 'promise', message: `the first line must be: ${promise}` });
    }
    for (const { target, line } of links(text)) {
      const message = brokenLink(file, target, known, documents);
      if (message !== undefined) problems.push({ file, line, rule: 'link', message });
    }
    lines.forEach((content, index) => {
      const path = machinePath.exec(content)?.[0];
      if (path !== undefined) {
        const message = `${path} is a path of one machine: write it relative to the repository or to ~`;
        problems.push({ file, line: index + 1, rule: 'machine-path', message });
      }
      const address = registryAddress.exec(content)?.[0];
      if (address !== undefined) {
        const message = `${address} is the address of a package registry: name the package, not where it comes from`;
        problems.push({ file, line: index + 1, rule: 'registry-address', message });
      }
    });
    return problems.toSorted((a, b) => a.line - b.line);
  });
};
