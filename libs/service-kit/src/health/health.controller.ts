import { Controller, Get, HttpStatus, Res } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { Public } from '../auth/decorators.js';
import { HealthRegistry } from './health.registry.js';
import { isReady } from './readiness.js';

/** What the platform asks. Live: the event loop turns. Ready: the dependencies answer, and which do not. */
@Public()
@Controller('health')
export class HealthController {
  constructor(private readonly health: HealthRegistry) {}

  @Get('live')
  live(): { status: 'up' } {
    return { status: 'up' };
  }

  @Get('ready')
  async ready(@Res() reply: FastifyReply): Promise<void> {
    const report = await this.health.report();
    const status = isReady(report) ? HttpStatus.OK : HttpStatus.SERVICE_UNAVAILABLE;
    await reply.code(status).header('cache-control', 'no-store').send(report);
  }
}
