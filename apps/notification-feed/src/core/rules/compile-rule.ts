import type { Environment } from '@marcbachmann/cel-js';
import type { Finding } from '@soma/catalogue';
import type { SquadName } from '@soma/contracts';
import { compile, type Expression, type Purpose } from './expression.js';
import { type FeedTopic, feedTopics, isFeedTopic } from './feed-topics.js';
import type { Rule, RuleOnTopic, Template } from './rule.js';
import type { RuleText } from './rule-format.js';
import { parseTemplate } from './template.js';
import { type TopicCel, topicCel } from './topic-cel.js';

type Path = readonly (string | number)[];

// Who writes an event must not choose the host that people are sent to.
const linkBeginning = /^https?:\/\/[^/{}\s]+(\/|$)/;

const linkFindings = (link: string | undefined, at: Path): readonly Finding[] =>
  link === undefined || linkBeginning.test(link)
    ? []
    : [
        {
          at: [...at, 'link'],
          message: 'is no link to a fixed host',
          allowed: 'https://host/…, expressions behind it',
        },
      ];

const onTopic = (
  cel: TopicCel,
  text: RuleText,
  at: Path,
): { readonly findings: readonly Finding[]; readonly rule: RuleOnTopic } => {
  const findings: Finding[] = [];
  const never: Expression = () => false;
  const expression = (
    environment: Environment,
    source: string,
    purpose: Purpose,
    path: Path,
    base = 0,
  ): Expression => {
    const compiled = compile(environment, cel.fields, source, purpose);
    if (compiled.ok) return compiled.expression;
    const { offset, message, allowed } = compiled.fault;
    findings.push({
      at: [...at, ...path],
      offset: base + offset,
      message: typeof text.on === 'string' ? message : `${message} (${cel.topic})`,
      ...(allowed !== undefined && { allowed }),
    });
    return never;
  };
  const texts = text.group ? cel.grouped : cel.plain;
  const template = (source: string, field: string): Template => {
    const parsed = parseTemplate(source);
    if (parsed.ok)
      return parsed.parts.map((part) =>
        typeof part === 'string' ? part : expression(texts, part.source, 'text', [field], part.offset),
      );
    const { offset, message, allowed } = parsed;
    findings.push({ at: [...at, field], offset, message, allowed });
    return [];
  };
  const { group, link } = text;
  const rule: RuleOnTopic = {
    when: expression(cel.plain, text.when, 'condition', ['when']),
    by: (group?.by ?? []).map((source, index) =>
      expression(cel.plain, source, 'group', ['group', 'by', index]),
    ),
    sum: group?.sum === undefined ? undefined : expression(cel.plain, group.sum, 'amount', ['group', 'sum']),
    title: template(text.title, 'title'),
    body: template(text.body, 'body'),
    link: link === undefined ? undefined : template(link, 'link'),
  };
  return { findings, rule };
};

/** Checks a rule's topics and expressions. The rule is undefined if there is a finding. */
export const compileRule = (
  squad: SquadName,
  text: RuleText,
  at: Path,
): { readonly findings: readonly Finding[]; readonly rule: Rule | undefined } => {
  const names = typeof text.on === 'string' ? [text.on] : text.on;
  const unknown = names.flatMap((name, index): readonly Finding[] =>
    isFeedTopic(name)
      ? []
      : [
          {
            at: [...at, 'on', ...(typeof text.on === 'string' ? [] : [index])],
            message: `notification-feed may not read ${JSON.stringify(name)}`,
            allowed: feedTopics.join(', '),
          },
        ],
  );
  const topics = names.filter(isFeedTopic);
  const compiled = topics.map((topic) => ({ topic, ...onTopic(topicCel[topic], text, at) }));
  const findings = [...unknown, ...linkFindings(text.link, at), ...compiled.flatMap((one) => one.findings)];
  if (findings.length > 0) return { findings, rule: undefined };
  const rule: Rule = {
    id: `${squad}/${text.name}`,
    squads: [...new Set([squad, ...text.squads])],
    text,
    topics: Object.fromEntries(compiled.map((one): [FeedTopic, RuleOnTopic] => [one.topic, one.rule])),
  };
  return { findings, rule };
};
