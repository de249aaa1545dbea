export type Schema = Readonly<Record<string, unknown>>;

export interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required: boolean;
  readonly schema: Schema;
}

/** What the document says of one method of one path. */
export interface Operation {
  readonly method: string;
  /** With its parameters in braces. */
  readonly path: string;
  /** What the caller needs; empty for a public route. */
  readonly scopes: readonly string[];
  readonly parameters: readonly Parameter[];
  /** Schemas of the body by media type; empty if it takes none. */
  readonly bodies: readonly (readonly [string, Schema])[];
  /** Media type of each documented answer by status; undefined if the answer has no content. */
  readonly answers: ReadonlyMap<number, string | undefined>;
}

type Content = Readonly<Record<string, { readonly schema: Schema }>>;

interface DescribedOperation {
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: { readonly content: Content };
  readonly responses: Readonly<Record<string, { readonly content?: Content }>>;
  readonly security: readonly Readonly<Record<string, readonly string[]>>[];
}

/** An OpenAPI 3.1 document, as far as it is read here. */
export interface OpenApi {
  readonly paths: Readonly<Record<string, Readonly<Record<string, DescribedOperation>>>>;
  readonly components: Schema;
}

/** Where in the document the schema of an answer is, as a JSON pointer. */
export const answerPointer = ({ method, path }: Operation, status: number, type: string): string =>
  ['paths', path, method.toLowerCase(), 'responses', `${status}`, 'content', type, 'schema']
    .map((part) => `/${part.replaceAll('~', '~0').replaceAll('/', '~1')}`)
    .join('');

/**
 * Every operation of a document. Schemas cannot say everything that makes a value a good one, such as the names of
 * squads: `known` has schemas that take the place of those of the parameters and properties with these names.
 */
export const operationsOf = (
  { paths }: OpenApi,
  known: Readonly<Record<string, Schema>> = {},
): readonly Operation[] =>
  Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { parameters = [], requestBody, responses, security }]) => ({
      method: method.toUpperCase(),
      path,
      scopes: security.flatMap((one) => Object.values(one).flat()),
      parameters: parameters.map((one) => ({ ...one, schema: known[one.name] ?? one.schema })),
      bodies: Object.entries(requestBody?.content ?? {}).map(
        ([type, { schema }]) => [type, taught(schema, known) as Schema] as const,
      ),
      answers: new Map(
        Object.entries(responses).map(([status, { content = {} }]) => [
          Number(status),
          Object.keys(content)[0],
        ]),
      ),
    })),
  );

const taught = (schema: unknown, known: Readonly<Record<string, Schema>>): unknown => {
  if (Array.isArray(schema)) return schema.map((one) => taught(one, known));
  if (typeof schema !== 'object' || schema === null) return schema;
  return Object.fromEntries(
    Object.entries(schema).map(([name, value]) => [
      name,
      name === 'properties'
        ? Object.fromEntries(
            Object.entries(value as object).map(([property, inner]) => [
              property,
              known[property] ?? taught(inner, known),
            ]),
          )
        : taught(value, known),
    ]),
  );
};
