import { type Finding, parseSource, type Problem, type SourceFile, zodFindings } from '@soma/catalogue';
import type { SquadName } from '@soma/contracts';
import type { DigestPlan, EscalationPlan } from '../people/plan-format.js';
import { compileRule } from './compile-rule.js';
import type { Rule } from './rule.js';
import { ruleFormat, rulesFile } from './rule-format.js';

/** What a squad's file says. */
export interface SquadFile {
  readonly squad: SquadName;
  /** Those that are enabled. */
  readonly rules: readonly Rule[];
  readonly digest?: DigestPlan | undefined;
  readonly escalation?: EscalationPlan | undefined;
}

/** What each file says, by its path. */
export type RuleSet = ReadonlyMap<string, SquadFile>;

export interface LoadedRules {
  readonly rules: RuleSet;
  /** Everything that is wrong in all files, in the order of files and lines. */
  readonly problems: readonly Problem[];
}

type Reading = { readonly content: SquadFile } | { readonly problems: readonly Problem[] };

const duplicates = (names: readonly string[]): readonly Finding[] =>
  names.flatMap((name, index): readonly Finding[] =>
    names.indexOf(name) === index
      ? []
      : [
          {
            at: ['rules', index, 'name'],
            message: `there is a rule ${name} above`,
            allowed: 'a name of its own',
          },
        ],
  );

const squadOf = (path: string): string => (path.split('/').at(-1) ?? path).replace(/\.yaml$/, '');

/** What is wrong in the expressions of the rules whose form is right, where that of another rule is not. */
const findingsOfOthers = (value: unknown): readonly Finding[] => {
  const rules = (value as { rules?: unknown } | null)?.rules;
  if (!Array.isArray(rules)) return [];
  return rules.flatMap((one: unknown, index) => {
    const parsed = ruleFormat.safeParse(one);
    return parsed.success ? compileRule('infra-ops', parsed.data, ['rules', index]).findings : [];
  });
};

const readRules = (file: SourceFile): Reading => {
  const source = parseSource(file);
  if (source.syntax.length > 0) return { problems: source.syntax };
  const parsed = rulesFile.safeParse(source.value);
  if (!parsed.success) {
    const findings = [...zodFindings(rulesFile, source.value), ...findingsOfOthers(source.value)];
    return { problems: findings.map(source.problem) };
  }
  const { squad, rules, ...plans } = parsed.data;
  const compiled = rules.map((text, index) => compileRule(squad, text, ['rules', index]));
  const findings: readonly Finding[] = [
    ...(squad === squadOf(file.path)
      ? []
      : [{ at: ['squad'], message: `the file is named ${squadOf(file.path)}`, allowed: squadOf(file.path) }]),
    ...duplicates(rules.map(({ name }) => name)),
    ...compiled.flatMap((one) => one.findings),
  ];
  if (findings.length > 0) return { problems: findings.map(source.problem) };
  const enabled = compiled.flatMap(({ rule }) => (rule?.text.enabled ? [rule] : []));
  return { content: { squad, rules: enabled, ...plans } };
};

const byPlace = (a: Problem, b: Problem): number => a.line - b.line || a.column - b.column;

/**
 * Reads the files of `infra/feed`. A file with a problem keeps what it said in `before`, or says nothing; the others are not
 * touched by it. A file that is not there any more says nothing.
 */
export const loadRules = (files: readonly SourceFile[], before: RuleSet = new Map()): LoadedRules => {
  const readings = files.map(({ path, text }) => ({ path, reading: readRules({ path, text }) }));
  return {
    rules: new Map(
      readings.flatMap(({ path, reading }) => {
        const content = 'content' in reading ? reading.content : before.get(path);
        return content ? [[path, content]] : [];
      }),
    ),
    problems: readings
      .toSorted((a, b) => (a.path < b.path ? -1 : 1))
      .flatMap(({ reading }) => ('problems' in reading ? reading.problems.toSorted(byPlace) : [])),
  };
};

/** All rules of a set. */
export const allRules = (rules: RuleSet): readonly Rule[] =>
  [...rules.values()].flatMap((file) => file.rules);
