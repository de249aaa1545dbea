import { Ajv2020 } from 'ajv/dist/2020.js';
import { answerPointer, type OpenApi, type Operation } from './openapi.js';
import type { FuzzRequest } from './requests.js';
import type { FuzzAnswer } from './send.js';

const documentId = 'openapi';
const serverErrors = 500;
const clientErrors = 400;
/** An answer to a mistake may name the mistake, and not send it back whole. */
const longestProblem = 32_768;
/** What a server may say to a request whose method or path is none of its own, or whose body nobody asked for. */
const statusesOfStrangers = new Set([400, 401, 403, 404, 405, 413, 414, 415]);

/** Whom an answer was for, and what they must not see. */
export interface Circle {
  readonly scopes: readonly string[];
  readonly secrets: readonly string[];
}

/** Says what is wrong with answers of a service that has this document; nothing, if all is well. */
export const judgeOf = (document: OpenApi, operations: readonly Operation[]) => {
  const ajv = new Ajv2020({ strict: false, validateSchema: false, validateFormats: false });
  ajv.addSchema(document, documentId);
  const misfit = (pointer: string, value: unknown): string[] => {
    const fits = ajv.getSchema(`${documentId}#${pointer}`);
    if (!fits) return [`the document has no schema at ${pointer}`];
    return fits(value) ? [] : [`does not fit ${pointer}: ${ajv.errorsText(fits.errors)}`];
  };

  return (request: FuzzRequest, answer: FuzzAnswer, { scopes, secrets }: Circle): string[] => {
    const { status, headers, text } = answer;
    const type = headers['content-type']?.split(';', 1)[0];
    const asked = request.method === 'HEAD' ? 'GET' : request.method;
    const operation = operations.find(
      ({ method, path }) => method === asked && matches(path, request.target),
    );
    const documented = operation?.answers.has(status) === true;
    const stranger = !operation || (operation.bodies.length === 0 && hasContent(request));
    const complaints = secrets
      .filter((secret) => text.includes(secret) || JSON.stringify(headers).includes(secret))
      .map((secret) => `shows ${secret}`);
    if (status >= serverErrors) complaints.push('is an error of the server');
    if (!documented && !(stranger && statusesOfStrangers.has(status)))
      complaints.push('has a status that the document does not name');
    if (status < clientErrors && operation?.scopes.some((scope) => !scopes.includes(scope)))
      complaints.push('was given to somebody without the scopes');
    if (request.method === 'HEAD') return complaints;
    if (status >= clientErrors) return [...complaints, ...problemComplaints(answer, type)];
    const expected = operation?.answers.get(status);
    if (operation && expected === undefined && text !== '') complaints.push('has content');
    if (operation && expected !== undefined && type !== expected)
      complaints.push(`is ${type}, not ${expected}`);
    if (operation && expected === 'application/json' && type === expected)
      complaints.push(...misfit(answerPointer(operation, status, expected), JSON.parse(text)));
    return complaints;
  };
};

const problemComplaints = ({ status, text }: FuzzAnswer, type: string | undefined): string[] => {
  if (type !== 'application/problem+json') return [`is ${type}, not a problem document`];
  const problem = JSON.parse(text) as Record<string, unknown>;
  const missing = ['type', 'title', 'detail', 'instance'].filter((name) => typeof problem[name] !== 'string');
  return [
    ...missing.map((name) => `has no ${name}`),
    ...(problem['status'] === status ? [] : [`says status ${String(problem['status'])}`]),
    ...(text.length > longestProblem ? [`is ${text.length} characters long`] : []),
  ];
};

const hasContent = ({ body, headers }: FuzzRequest): boolean =>
  body !== undefined || headers.some(([name]) => name === 'content-type');

const matches = (template: string, target: string): boolean => {
  const parts = template.split('/');
  const given = target.split(/[?#]/, 1)[0]?.split('/') ?? [];
  return (
    parts.length === given.length &&
    parts.every((part, index) => part === given[index] || (part.startsWith('{') && isSegment(given[index])))
  );
};

const isSegment = (text: string | undefined): boolean => {
  try {
    return text !== undefined && text !== '' && decodeURIComponent(text) !== '';
  } catch {
    return false;
  }
};
