import { createHash } from 'node:crypto';
import { basename } from 'node:path';
import { formatProblems, type SourceFile } from '@soma/catalogue';
import type { Logger } from '@soma/telemetry';
import type { Notification } from './core/notification.js';
import {
  allRules,
  loadRules,
  type LoadedRules,
  type RuleSet,
  type SquadFile,
} from './core/rules/load-rules.js';
import type { Rule } from './core/rules/rule.js';
import type { RuleStore } from './ports.js';
import { readRuleFiles } from './rule-files.js';
import type { RuleMetrics } from './rule-metrics.js';

const longestBody = 4_000;

/** A broken file as infra-ops is told of it; the same text of the same file has the same origin. */
const brokenFile = (
  { path, text }: SourceFile,
  problems: LoadedRules['problems'],
  now: number,
): { readonly origin: string; readonly notification: Notification } => {
  const file = basename(path);
  return {
    origin: `rules:${file}/${createHash('sha256').update(text).digest('hex')}`,
    notification: {
      squads: ['infra-ops'],
      source: 'notification-feed',
      kind: 'feed.rules.broken',
      severity: 'error',
      title: `${file} has ${problems.length} problem${problems.length === 1 ? '' : 's'}: its last good rules stay`,
      body: formatProblems(problems).slice(0, longestBody),
      link: null,
      dedupeKey: `feed-rules/${file}`,
      metadata: { file },
      happenedAt: now,
    },
  };
};

/** The rules of a directory, read again when they change. */
export class RuleBook {
  #read: readonly SourceFile[] = [];
  #set: RuleSet = new Map();
  #rules: readonly Rule[] = [];
  #broken = 0;
  #readable = true;
  #untold: readonly { readonly origin: string; readonly notification: Notification }[] = [];

  constructor(
    private readonly directory: string,
    private readonly store: Pick<RuleStore, 'tell'>,
    private readonly metrics: RuleMetrics,
    private readonly logger: Logger,
  ) {}

  /** Rules that are active now. */
  get rules(): readonly Rule[] {
    return this.#rules;
  }

  /** What the squads' files say. */
  get files(): readonly SquadFile[] {
    return [...this.#set.values()];
  }

  /** Reads the directory. One that cannot be read leaves the rules as they are. Rejects where infra-ops cannot be told. */
  async reload(now: number): Promise<void> {
    const files = await this.#files();
    if (files && !this.#same(files)) this.#load(files, now);
    if (files) this.metrics.broken.set(this.#broken);
    while (this.#untold[0]) {
      const { origin, notification } = this.#untold[0];
      await this.store.tell(origin, notification);
      this.#untold = this.#untold.slice(1);
    }
  }

  async #files(): Promise<readonly SourceFile[] | undefined> {
    try {
      const files = await readRuleFiles(this.directory);
      this.#readable = true;
      return files;
    } catch (error) {
      this.metrics.broken.set(1);
      const place = { err: error, directory: this.directory };
      if (this.#readable) this.logger.warn(place, 'rules cannot be read: they stay as they are');
      this.#readable = false;
      return undefined;
    }
  }

  #same(files: readonly SourceFile[]): boolean {
    return JSON.stringify(files) === JSON.stringify(this.#read);
  }

  #load(files: readonly SourceFile[], now: number): void {
    const { rules, problems } = loadRules(files, this.#set);
    this.#read = files;
    this.#set = rules;
    this.#rules = allRules(rules);
    const byFile = Map.groupBy(problems, ({ file }) => file);
    this.metrics.active.set(this.#rules.length);
    this.#broken = byFile.size;
    this.logger.info({ rules: this.#rules.map(({ id }) => id), broken: [...byFile.keys()] }, 'rules loaded');
    this.#untold = files.flatMap((file) => {
      const found = byFile.get(file.path);
      return found ? [brokenFile(file, found, now)] : [];
    });
  }
}
