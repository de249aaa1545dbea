import { formatConfig } from '@soma/contracts';
import type { Applied, Change, ChangeClass, Plan, TopicData } from '@soma/topic-provisioner';
import { table } from '../../output.js';

/** A change as programs get it; the mutation is the provisioner's own business. */
export const view = ({ mutation: _, ...change }: Change) => change;

export const count = (number: number, noun: string): string =>
  `${number.toLocaleString('en-US')} ${noun}${number === 1 ? '' : 's'}`;

/** Lines that people read; a program reads all of them with --json. */
const mostLines = 400;

const bytes = (size: number): string => {
  const unit = size < 1024 ? 0 : Math.min(4, Math.floor(Math.log2(size) / 10));
  return `${(size / 2 ** (10 * unit)).toFixed(unit === 0 ? 0 : 1)} ${['B', 'KiB', 'MiB', 'GiB', 'TiB'][unit]}`;
};

/** What a change touches, in words. */
const held = ({ messages, bytes: size, groups }: TopicData): string => {
  const readers = groups.map(
    ({ group, members, lag }) => `${group} (${count(members, 'member')}, lag ${lag.toLocaleString('en-US')})`,
  );
  const read = readers.length === 0 ? 'read by no group' : `read by ${readers.join(', ')}`;
  return `it holds ${count(messages, 'message')}, ${bytes(size)}; ${read}`;
};

const signs: Readonly<Record<ChangeClass, string>> = {
  create: '+',
  safe: '~',
  unsafe: '!',
  destructive: '-',
  unsupported: 'x',
  unknown: '?',
};

const value = (field: string, given: string | null): string =>
  given === null ? '–' : formatConfig(field, given);

/** Changes as lines: sign and class, what, before → after, why, and below it what is touched and what to do. */
export const changeLines = (changes: readonly Change[], left: readonly Change[] = []): string => {
  const needsAllowing = new Set(left.filter(({ refused }) => refused === undefined));
  const shown = changes.slice(0, mostLines);
  const rows = shown.map(({ class: kind, resource, field, before, after, reason }) => [
    `${signs[kind]} ${kind}`,
    resource,
    field,
    `${value(field, before)} → ${value(field, after)}`,
    reason,
  ]);
  const lines = table([['  class', 'resource', 'field', 'before → after', 'why'], ...rows]).split('\n');
  const notes = shown.map((change) => [
    ...(change.touches ? [`    ${held(change.touches)}`] : []),
    ...(change.refused === undefined ? [] : [`    not applied: ${change.refused}`]),
    ...(needsAllowing.has(change) ? [`    not applied: needs --allow ${change.class}`] : []),
  ]);
  const rest = changes.length - shown.length;
  return [
    ...lines.flatMap((line, index) => [line, ...(notes[index - 1] ?? [])]),
    ...(rest > 0 ? [`… and ${rest} more: --json has all of them`] : []),
  ].join('\n');
};

const byClass = (changes: readonly Change[]): string =>
  [...Map.groupBy(changes, (change) => change.class)]
    .map(([kind, some]) => `${some.length} ${kind}`)
    .join(', ');

/** A whole plan with what of it would be applied, or that there is nothing to do. */
export const planText = (
  { clusterId }: Plan,
  { chosen, left }: { readonly chosen: readonly Change[]; readonly left: readonly Change[] },
): string => {
  const changes = [...chosen, ...left];
  if (changes.length === 0) return `nothing to do: cluster ${clusterId} is as the catalogue says`;
  const verdict = `${count(changes.length, 'change')} (${byClass(changes)}) on cluster ${clusterId}`;
  return `${changeLines(changes, left)}\n${verdict}, ${chosen.length} to be applied`;
};

/** What the servers said of a change that failed. */
export const failedLine = ({ change, outcome }: Applied): string =>
  outcome.ok ? '' : `${change.resource} ${change.field}: ${outcome.message} (${outcome.error})`;
