import { Controller, Get, Inject, Param } from '@nestjs/common';
import { isTransient } from '@soma/kafka';
import { Problem, Scopes } from '@soma/service-kit';
import type { Change, Plan } from '../core/types.js';
import { Provisioner } from '../provisioner.js';

/** A difference as the API shows it; the mutation is the provisioner's own business. */
const changeView = ({ mutation: _, ...change }: Change) => change;

/** What the catalogue declares and how far the cluster is from it, asked now. */
@Controller('v1')
@Scopes('topics:read')
export class TopicsController {
  constructor(@Inject(Provisioner) private readonly provisioner: Provisioner) {}

  @Get('topics')
  async topics() {
    const { changes } = await this.#ask();
    return {
      topics: this.provisioner.desired.topics.map((topic) => ({
        ...topic,
        drift: changes.filter(({ resource }) => resource === topic.name).map(changeView),
      })),
    };
  }

  @Get('topics/:name')
  async topic(@Param('name') name: string) {
    const topic = (await this.topics()).topics.find((one) => one.name === name);
    if (!topic) throw new Problem(404, 'unknown-topic', `the catalogue declares no topic ${name}`);
    return topic;
  }

  @Get('plan')
  async plan() {
    const { clusterId, changes } = await this.#ask();
    return { cluster_id: clusterId, changes: changes.map(changeView) };
  }

  async #ask(): Promise<Plan> {
    try {
      return await this.provisioner.plan();
    } catch (error) {
      if (!isTransient(error)) throw error;
      throw new Problem(503, 'servers-unavailable', (error as Error).message, { cause: error });
    }
  }
}
