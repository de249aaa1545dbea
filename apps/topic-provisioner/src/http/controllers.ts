import { withOpenApi } from '@soma/service-kit';
import { provisionerService } from '../core/desired.js';
import { PlansController } from './plans.controller.js';
import { TopicsController } from './topics.controller.js';

/** Every controller of this service. */
export const controllers = withOpenApi([TopicsController, PlansController], {
  title: provisionerService,
  version: '1',
});
