import { randomBytes } from 'node:crypto';
import { Controller, Inject, Post } from '@nestjs/common';
import { type Caller, CurrentCaller, Operation } from '@soma/service-kit';
import { z } from 'zod';
import { cursorText } from '../core/cursor.js';
import type { NotificationStore, WakeUp } from '../ports.js';
import { everySquad } from '../core/notification.js';
import { NOTIFICATION_STORE, WAKE_UP } from '../tokens.js';
import { requireAddressable } from './access.js';

const epochAnswer = z.object({
  epoch: z.string(),
  cursor: z.string().describe('where the epoch begins'),
});

/** After a restore the log may have another past than readers know. Nobody but the operator can tell. */
@Controller('v1/epoch')
export class EpochController {
  constructor(
    @Inject(NOTIFICATION_STORE) private readonly store: NotificationStore,
    @Inject(WAKE_UP) private readonly wakeUp: WakeUp,
  ) {}

  @Post()
  @Operation({
    summary: 'Begins an epoch, after a restore from a backup: readers with older cursors are told of a gap',
    scopes: ['feed:admin'],
    status: 201,
    answer: epochAnswer,
  })
  async begin(@CurrentCaller() caller: Caller): Promise<z.output<typeof epochAnswer>> {
    requireAddressable(caller, [everySquad]);
    const name = (randomBytes(6).readUIntBE(0, 6) % 36 ** 8).toString(36).padStart(8, '0');
    const { epoch, begins } = await this.store.beginEpoch(name);
    await this.wakeUp.announce();
    return { epoch, cursor: cursorText(epoch, begins) };
  }
}
