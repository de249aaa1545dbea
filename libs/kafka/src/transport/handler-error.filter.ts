import { Catch, type RpcExceptionFilter } from '@nestjs/common';
import { type Observable, throwError } from 'rxjs';

/**
 * Gives the transport the error that its handler threw. Nest's own filter replaces it by "Internal server error", from
 * which nobody could tell an outage, which is waited out, from an event that nobody can handle.
 */
@Catch()
export class HandlerErrorFilter implements RpcExceptionFilter {
  catch(error: unknown): Observable<never> {
    return throwError(() => error);
  }
}
