import { Controller, Get, Res } from '@nestjs/common';
import { metricsPage } from '@soma/telemetry';
import type { FastifyReply } from 'fastify';
import { Public } from '../auth/decorators.js';
import { HealthRegistry } from '../health/health.registry.js';

/** What Prometheus scrapes. Public: it names routes and counts, and no data. */
@Controller()
export class MetricsController {
  constructor(private readonly health: HealthRegistry) {}

  @Public()
  @Get('metrics')
  async metrics(@Res() reply: FastifyReply): Promise<void> {
    // A scrape looks at the dependencies itself, or dependency_up would be as old as the last probe.
    await this.health.report();
    const { contentType, body } = await metricsPage();
    await reply.header('content-type', contentType).send(body);
  }
}
