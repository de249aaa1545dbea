/** A fenced block of a page. */
export interface Block {
  /** First word behind the fence, empty if there is none. */
  readonly language: string;
  /** Line of its first content line, from 1. */
  readonly line: number;
  readonly text: string;
}

/** Where a page points to. */
export interface Link {
  readonly target: string;
  /** From 1. */
  readonly line: number;
}

interface Fenced {
  readonly blocks: readonly Block[];
  /** The page's lines, those inside of fences empty. */
  readonly prose: readonly string[];
}

/** Splits a page into fenced blocks and prose; an open fence reaches to the end of the page (CommonMark 0.31, 4.5). */
const split = (text: string): Fenced => {
  const blocks: Block[] = [];
  const prose: string[] = [];
  let open: { fence: string; indent: string; language: string; line: number; lines: string[] } | undefined;
  const close = (): void => {
    if (open) blocks.push({ language: open.language, line: open.line, text: open.lines.join('\n') });
    open = undefined;
  };
  text.split(/\r?\n/).forEach((line, index) => {
    const [, indent = '', fence = '', info = ''] = /^( *)(`{3,}|~{3,})(.*)$/.exec(line) ?? [];
    if (open) {
      if (fence.startsWith(open.fence) && info.trim() === '') close();
      else open.lines.push(line.startsWith(open.indent) ? line.slice(open.indent.length) : line.trimStart());
    } else if (fence !== '' && !info.includes('`')) {
      open = { fence, indent, language: info.trim().split(/\s+/)[0] ?? '', line: index + 2, lines: [] };
    } else {
      prose.push(line);
      return;
    }
    prose.push('');
  });
  close();
  return { blocks, prose };
};

/** The fenced blocks of a page, in order. */
export const fencedBlocks = (text: string): readonly Block[] => split(text).blocks;

const withoutCodeSpans = (line: string): string => line.replaceAll(/(`+)(?!`).*?(?<!`)\1(?!`)/g, '');

/** Every link and image of a page's prose: inline, and reference definitions. */
export const links = (text: string): readonly Link[] =>
  split(text).prose.flatMap((line, index) => {
    const inline = [
      ...withoutCodeSpans(line).matchAll(
        /\]\(\s*<?([^\s<>()]*(?:\([^\s()]*\)[^\s<>()]*)*)>?(?:\s+["'(][^)]*)?\)/g,
      ),
    ];
    const definition = /^ {0,3}\[[^\]]+\]:\s*<?([^\s<>]+)>?/.exec(line);
    return [...inline, ...(definition ? [definition] : [])].map((match) => ({
      target: match[1] ?? '',
      line: index + 1,
    }));
  });

/** The fragment under which a heading is reached on a forge: lower case, punctuation gone, blanks as dashes. */
const slug = (heading: string): string =>
  heading
    .trim()
    .toLowerCase()
    .replaceAll(/[^\p{Letter}\p{Number}\p{Mark}\s_-]/gu, '')
    .replaceAll(/\s/g, '-');

/** Every fragment that a link into this page may name. */
export const anchors = (text: string): ReadonlySet<string> => {
  const seen = new Map<string, number>();
  const names = split(text).prose.flatMap((line) => {
    const heading = /^ {0,3}#{1,6}\s+(.*?)\s*#*$/.exec(line)?.[1];
    if (heading === undefined) return [];
    const name = slug(heading.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1'));
    const count = seen.get(name) ?? 0;
    seen.set(name, count + 1);
    return [count === 0 ? name : `${name}-${count}`];
  });
  return new Set(names);
};
