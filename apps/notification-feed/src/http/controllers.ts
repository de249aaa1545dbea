import { withOpenApi } from '@soma/service-kit';
import { serviceName } from '../service-name.js';
import { webhookControllers } from '../webhooks.module.js';
import { AlertmanagerController } from './alertmanager.controller.js';
import { AsyncApiController } from './asyncapi.controller.js';
import { EpochController } from './epoch.controller.js';
import { MutesController } from './mutes.controller.js';
import { NotificationsController } from './notifications.controller.js';
import { PeopleController } from './people.controller.js';
import { PostController } from './post.controller.js';
import { ResponsesController } from './responses.controller.js';
import { StreamController } from './stream.controller.js';
import { TokensController } from './tokens.controller.js';
import { WebSocketController } from './websocket.controller.js';

/** Every HTTP controller of this service. */
export const controllers = withOpenApi(
  [
    NotificationsController,
    PostController,
    AlertmanagerController,
    StreamController,
    WebSocketController,
    EpochController,
    PeopleController,
    ResponsesController,
    MutesController,
    AsyncApiController,
    TokensController,
    ...webhookControllers,
  ],
  { title: serviceName, version: '1' },
);
