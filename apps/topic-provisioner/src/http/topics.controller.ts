import { Controller, Get, Inject, Param } from '@nestjs/common';
import { Problem, Operation } from '@soma/service-kit';
import type { z } from 'zod';
import { fingerprint } from '../core/fingerprint.js';
import { Provisioner } from '../provisioner.js';
import { currentPlanAnswer, schemasAnswer, topicAnswer, topicsAnswer } from './answers.js';
import { asking } from './asking.js';
import { topicParams } from './requests.js';
import { changeView, dataView, driftOf, schemasView, topicsView } from './view.js';

const read = { scopes: ['topics:read'] } as const;
const away = { 503: 'brokers or registry do not answer' };

/** What the catalogue declares and how far the cluster is from it, asked now. */
@Controller('v1')
export class TopicsController {
  constructor(@Inject(Provisioner) private readonly provisioner: Provisioner) {}

  @Get('topics')
  @Operation({ ...read, summary: 'Every declared topic and its drift', answer: topicsAnswer, problems: away })
  async topics(): Promise<z.input<typeof topicsAnswer>> {
    const { desired, changes } = await asking(() => this.provisioner.verify());
    return topicsView(desired, changes);
  }

  @Get('topics/:name')
  @Operation({
    ...read,
    summary: 'One topic: declared, actual, who reads it, what it holds',
    params: topicParams,
    answer: topicAnswer,
    problems: { ...away, 404: 'the catalogue declares no such topic' },
  })
  async topic(@Param('name') name: string): Promise<z.input<typeof topicAnswer>> {
    const declared = this.provisioner.desired.topics.find((topic) => topic.name === name);
    if (!declared) throw new Problem(404, 'unknown-topic', `the catalogue declares no topic ${name}`);
    const { admin } = this.provisioner;
    const [{ desired, actual, changes }, groups, held] = await asking(() =>
      Promise.all([this.provisioner.verify(), admin.topicGroups([name]), admin.topicData([name])]),
    );
    const { owner, name: _, ...shape } = declared;
    const data = held.get(name);
    const seen = actual.topics.get(name);
    return {
      name,
      owner,
      declared: shape,
      actual: seen ? { ...seen, overridden: [...seen.overridden] } : null,
      drift: driftOf(desired, name, changes).map(changeView),
      consumers: groups.map(({ group, state, members, lag }) => ({
        group,
        state,
        members,
        lag: Number(lag),
      })),
      data: data?.found ? dataView({ ...data.value, messages: Number(data.value.messages) }) : null,
    };
  }

  @Get('schemas')
  @Operation({
    ...read,
    summary: 'Every declared schema and how it stands in the registry',
    answer: schemasAnswer,
    problems: away,
  })
  async schemas(): Promise<z.input<typeof schemasAnswer>> {
    const { desired, actual } = await asking(() => this.provisioner.verify());
    return schemasView(desired, actual);
  }

  @Get('plan')
  @Operation({
    ...read,
    summary: 'Every difference, planned now and kept nowhere',
    answer: currentPlanAnswer,
    problems: away,
  })
  async plan(): Promise<z.input<typeof currentPlanAnswer>> {
    const plan = await asking(() => this.provisioner.plan());
    return {
      cluster_id: plan.clusterId,
      fingerprint: fingerprint(plan),
      changes: plan.changes.map(changeView),
    };
  }
}
