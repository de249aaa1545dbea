import { Agent } from 'node:http';
import fc from 'fast-check';
import type { OpenApi, Operation } from './openapi.js';
import { type FuzzRequest, type KnownIds, requestOf } from './requests.js';
import { curlLine, type FuzzAnswer, send } from './send.js';
import { type Circle, judgeOf } from './verdict.js';

/** A request takes an id out of so many things that its caller has made last; older ones may be gone. */
const newest = 20;
const shownBytes = 500;

/** Who sends requests. */
export interface FuzzCaller {
  readonly name: string;
  readonly token: string;
  readonly circle: Circle;
  /** What is there and is none of theirs. */
  readonly foreign: KnownIds;
  /** Of all requests, so many times the share of others. */
  readonly share: number;
}

export interface FuzzRun {
  readonly url: string;
  readonly document: OpenApi;
  readonly operations: readonly Operation[];
  readonly callers: readonly FuzzCaller[];
  readonly requests: number;
  /** The same seed makes the same requests, but for the ids that were made meanwhile. */
  readonly seed: number;
  readonly atOnce: number;
}

export interface FuzzReport {
  /** What was wrong, each with its request as a line for a shell. */
  readonly failures: readonly string[];
  /** Operations that have answered with success. */
  readonly reached: ReadonlySet<Operation>;
}

const idForm = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}';
const idInPath = new RegExp(idForm);
const idInAnswer = new RegExp(`(?<="id":")${idForm}(?=")`, 'g');

/** What a request has made, or found below something, by its ids. */
const idsFrom = ({ target }: FuzzRequest, { status, text }: FuzzAnswer): string[][] => {
  const path = idInPath.exec(target) ?? [];
  // A list of everything holds what others use.
  if (status >= 300 || (status !== 201 && path.length === 0)) return [];
  const [first, ...others] = [...path, ...(text.match(idInAnswer) ?? [])];
  if (first === undefined) return [];
  return others.length === 0 ? [[first]] : others.map((other) => [first, other]);
};

/** Sends requests of every operation, good and bad ones, from every caller, and looks at each answer. */
export const fuzz = async (run: FuzzRun): Promise<FuzzReport> => {
  const { url, document, operations, callers, requests, seed, atOnce } = run;
  const plan = fc.record({
    make: fc.constantFrom(...operations).chain(requestOf),
    caller: fc.constantFrom(...callers.flatMap((caller) => Array<FuzzCaller>(caller.share).fill(caller))),
  });
  const judge = judgeOf(document, operations);
  const agent = new Agent({ keepAlive: true, maxSockets: atOnce });
  const failures: string[] = [];
  const reached = new Set<Operation>();
  const made = new Map(callers.map((caller): [FuzzCaller, string[][]] => [caller, []]));
  const steps = fc.sample(plan, { seed, numRuns: requests }).values();
  const work = async (): Promise<void> => {
    for (const { make, caller } of steps) {
      const own = made.get(caller) ?? [];
      const request = make([...caller.foreign, ...own.slice(-newest)]);
      try {
        const answer = await send(url, request, { agent, token: caller.token });
        const complaints = judge(request, answer, caller.circle).join('; ');
        const got = `${answer.status} ${answer.text.slice(0, shownBytes)}`;
        if (complaints) failures.push(`${caller.name}: ${curlLine(url, request)}\n  ${complaints}\n  ${got}`);
        if (answer.status < 400) reached.add(request.operation);
        own.push(...idsFrom(request, answer));
      } catch (error) {
        failures.push(`${caller.name}: ${curlLine(url, request)}\n  ${String(error)}`);
      }
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  agent.destroy();
  return { failures, reached };
};
