import {
  type CallHandler,
  type ExecutionContext,
  Inject,
  Injectable,
  type NestInterceptor,
} from '@nestjs/common';
import { catchError, type Observable } from 'rxjs';
import { Refusals } from '../refusals.js';
import { SquadRefused } from './access.js';

/** Has every refusal of a squad audited before it is answered, whichever route it comes from. */
@Injectable()
export class RefusalsInterceptor implements NestInterceptor {
  constructor(@Inject(Refusals) private readonly refusals: Refusals) {}

  intercept(_: ExecutionContext, next: CallHandler): Observable<unknown> {
    return next.handle().pipe(
      catchError(async (error: unknown) => {
        if (error instanceof SquadRefused) await this.refusals.note(error);
        throw error;
      }),
    );
  }
}
