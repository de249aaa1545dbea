import type { Postgres } from '@soma/postgres';
import type { Logger } from '@soma/telemetry';
import { auditIn } from './adapters/audit-outbox.js';
import { RefusalLimit } from './core/audit.js';
import type { SquadRefused } from './http/access.js';

/** Has auditors told who was refused which squad: each caller, act and squad once a minute. */
export class Refusals {
  readonly #limit = new RefusalLimit();

  constructor(
    private readonly postgres: Postgres,
    private readonly logger: Logger,
  ) {}

  /** Never rejects: a refusal stays one when it cannot be noted. */
  async note({ actor, action, squads }: SquadRefused): Promise<void> {
    await Promise.all(
      squads.map(async (squad) => {
        const kind = JSON.stringify([actor, action, squad]);
        if (!this.#limit.admit(kind, performance.now())) return;
        try {
          await auditIn(this.postgres, { actor, action, subject: `feed/${squad}`, outcome: 'denied' });
        } catch (error) {
          this.#limit.forget(kind);
          this.logger.warn({ err: error, actor, action, squad }, 'a refusal could not be audited');
        }
      }),
    );
  }
}
