import { BaseRpcContext } from '@nestjs/microservices';
import type { TopicName } from '@soma/contracts';
import type { ReceivedEvent } from '../consumer/received-event.js';

/** What `@Ctx()` gives a handler: where its event came from. A batch handler finds all of them in `events`. */
export class EventContext<T extends TopicName = TopicName> extends BaseRpcContext<
  [readonly ReceivedEvent<T>[]]
> {
  constructor(readonly events: readonly ReceivedEvent<T>[]) {
    super([events]);
  }

  /** The event of a handler for single events; the first one of a batch. */
  get event(): ReceivedEvent<T> {
    return this.events[0] as ReceivedEvent<T>;
  }
}
