import { applyDecorators, SetMetadata } from '@nestjs/common';
import type { z } from 'zod';
import { Public, Scopes } from '../auth/decorators.js';

export const operationKey = 'soma:operation';

/** What a route takes and answers: what is checked, guarded and told to clients is said once. */
export interface OperationSpec {
  readonly summary: string;
  /** Scopes that the caller needs; `public` needs no token. */
  readonly scopes: readonly [string, ...string[]] | 'public';
  readonly params?: z.ZodObject;
  readonly query?: z.ZodObject;
  readonly headers?: z.ZodObject;
  readonly body?: z.ZodType;
  /** Media types of the body: JSON unless told. */
  readonly bodyTypes?: readonly string[];
  /** Status of success: 200 unless told. */
  readonly status?: number;
  /** Absent where a success has no content. */
  readonly answer?: z.ZodType;
  /** Media type of the answer: JSON unless told. */
  readonly answerType?: string;
  /**
   * Failures by status, besides those that every route of its kind may answer: 401 and 403 if it is guarded, 413 and 415
   * with a body, 414 with parameters in its path, 431.
   */
  readonly problems?: Readonly<Record<number, string>>;
}

/** Guards a route and describes it in the OpenAPI document. */
export const Operation = (spec: OperationSpec): MethodDecorator =>
  applyDecorators(
    spec.scopes === 'public' ? Public() : Scopes(...spec.scopes),
    SetMetadata(operationKey, spec),
  );
