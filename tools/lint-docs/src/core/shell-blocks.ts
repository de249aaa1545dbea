import { fencedBlocks } from './markdown.js';

/** Commands of a page that can run unattended. */
export interface ShellBlock {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  readonly script: string;
}

/** The blocks of a page that are tagged `sh`. Those tagged `console` need a person, or end what others need. */
export const shellBlocks = (file: string, text: string): readonly ShellBlock[] =>
  fencedBlocks(text)
    .filter(({ language, text: script }) => language === 'sh' && script.trim() !== '')
    .map(({ line, text: script }) => ({ file, line, script }));
