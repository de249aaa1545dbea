import { UseFilters } from '@nestjs/common';
import { Ctx, EventPattern as NestEventPattern, Payload } from '@nestjs/microservices';
import type { EventOf, TopicName } from '@soma/contracts';
import type { EventContext } from './context.js';
import { HandlerErrorFilter } from './handler-error.filter.js';

/** Options of a handler: with `batch`, it gets up to so many events in one call. */
export interface EventPatternExtras {
  readonly batch?: number;
}

/** Decorates methods that can be called like `H`: they may take fewer parameters and answer what they like. */
type Decorates<H> = <M extends H>(
  target: object,
  method: string | symbol,
  descriptor: TypedPropertyDescriptor<M>,
) => void;

interface TypedEventPattern {
  <T extends TopicName>(topic: T): Decorates<(event: EventOf<T>, context: EventContext<T>) => unknown>;
  <T extends TopicName>(
    topic: T,
    extras: { readonly batch: number },
  ): Decorates<(events: EventOf<T>[], context: EventContext<T>) => unknown>;
}

/**
 * Nest's `@EventPattern`, checked against the catalogue: only topics that exist, and a handler
 * `(event, context)` whose types fit the topic. The parameters need no decorators of their own.
 */
export const EventPattern: TypedEventPattern =
  (topic: TopicName, extras: EventPatternExtras = {}) =>
  (target: object, method: string | symbol, descriptor: PropertyDescriptor): void => {
    // On the method: Nest takes no global filters for a transport that is connected to a running application.
    UseFilters(new HandlerErrorFilter())(target, method, descriptor);
    Payload()(target, method, 0);
    Ctx()(target, method, 1);
    NestEventPattern<string>(topic, extras)(target, method, descriptor);
  };
