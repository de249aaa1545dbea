import { formatProblems, type Problem } from '@soma/catalogue';

/** What a check of the catalogue found. */
export interface CheckReport {
  /** The catalogue's directory, as it was given. */
  readonly directory: string;
  /** What it was compared with, such as `origin/main`; undefined if with nothing. */
  readonly against?: string;
  /** How many topics there are; undefined if the catalogue cannot be used. */
  readonly topics?: number;
  readonly problems: readonly Problem[];
}

/** Forms in which a report is printed. */
export const reportFormats = ['text', 'json', 'github'] as const;

/** One of {@link reportFormats}. */
export type ReportFormat = (typeof reportFormats)[number];

/** True if nothing has to be put right: warnings and notes may be told. */
export const isRight = ({ problems }: CheckReport): boolean =>
  problems.every(({ severity }) => severity !== 'error');

const counts = (problems: readonly Problem[]): string => {
  const words = (['error', 'warning', 'note'] as const).flatMap((kind) => {
    const number = problems.filter(({ severity }) => severity === kind).length;
    return number === 0 ? [] : [`${number} ${kind}${number === 1 ? '' : 's'}`];
  });
  return words.join(', ');
};

/** The verdict in one line. */
const verdict = (report: CheckReport): string => {
  const { directory, against, topics, problems } = report;
  const what = against === undefined ? directory : `${directory} against ${against}`;
  const found = counts(problems);
  if (!isRight(report)) return `${what}: ${found}`;
  return `${what}: ${topics ?? 0} topics, all right${found === '' ? '' : ` (${found})`}`;
};

const asText = (report: CheckReport): string => {
  const lines = formatProblems(report.problems);
  return lines === '' ? verdict(report) : `${lines}\n${verdict(report)}`;
};

const asJson = (report: CheckReport): string =>
  JSON.stringify({ ok: isRight(report), topics: report.topics, problems: report.problems }, null, 2);

// GitHub's runner takes these apart at line ends, and properties at colons and commas, too.
const data = (text: string): string =>
  text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
const property = (text: string): string => data(text).replaceAll(':', '%3A').replaceAll(',', '%2C');

const commands = { error: 'error', warning: 'warning', note: 'notice' } as const;

const asAnnotation = ({ file, line, column, path, message, allowed, severity, topic }: Problem): string => {
  const title = [topic, path].filter((part) => part !== undefined && part !== '').join(' ') || file;
  const text = allowed === undefined ? message : `${message}\nallowed: ${allowed}`;
  return `::${commands[severity]} file=${property(file)},line=${line},col=${column},title=${property(title)}::${data(text)}`;
};

const asGithub = (report: CheckReport): string =>
  [...report.problems.map(asAnnotation), verdict(report)].join('\n');

const forms: Readonly<Record<ReportFormat, (report: CheckReport) => string>> = {
  text: asText,
  json: asJson,
  github: asGithub,
};

/**
 * A report for people (`file:line:column` lines and a verdict), for programs (one JSON document) or for GitHub's runner
 * (workflow commands that annotate a pull request, and the verdict).
 */
export const renderReport = (report: CheckReport, format: ReportFormat): string => forms[format](report);
