import { z } from 'zod';

/** A part of the document, as JSON. */
export type Json = Readonly<Record<string, unknown>>;

/** A reference within the document. */
export const reference = (...path: readonly string[]): Json => ({ $ref: `#/${path.join('/')}` });

/** A schema in the language that AsyncAPI 3 takes without being told: JSON Schema draft-07. */
export const jsonSchema = (schema: z.ZodType, io: 'input' | 'output' = 'output'): Json => {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io, target: 'draft-7' });
  return rest;
};
