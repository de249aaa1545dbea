import {
  type BeforeApplicationShutdown,
  type DynamicModule,
  Inject,
  Module,
  type OnApplicationBootstrap,
} from '@nestjs/common';
import { LOGGER } from '@soma/service-kit';
import type { Logger } from '@soma/telemetry';
import { createPeopleStore } from './adapters/people-store.js';
import type { Config } from './config.js';
import { forgetGone } from './forget-gone.js';
import type { PeopleStore } from './people-ports.js';
import type { NotificationStore, WakeUp } from './ports.js';
import { remind } from './remind.js';
import { Rounds } from './rounds.js';
import type { RuleBook } from './rule-book.js';
import { NOTIFICATION_STORE, PEOPLE_STORE, POSTGRES, REMINDERS, RULE_BOOK, WAKE_UP } from './tokens.js';

/** What people do with the feed, and what their squads are reminded of. */
@Module({})
export class PeopleModule implements OnApplicationBootstrap, BeforeApplicationShutdown {
  static with({ FEED_RULES_POLL_MS: everyMs }: Config): DynamicModule {
    return {
      module: PeopleModule,
      exports: [PEOPLE_STORE],
      providers: [
        { provide: PEOPLE_STORE, inject: [POSTGRES], useFactory: createPeopleStore },
        {
          provide: REMINDERS,
          inject: [RULE_BOOK, NOTIFICATION_STORE, PEOPLE_STORE, WAKE_UP, LOGGER],
          useFactory: (
            book: RuleBook,
            feed: NotificationStore,
            people: PeopleStore,
            wakeUp: WakeUp,
            logger: Logger,
          ) => {
            const forget = forgetGone(feed, people);
            const work = async (): Promise<void> => {
              await remind(book.files, people, wakeUp);
              await forget();
            };
            const failed = 'digests and escalations wait for the next round';
            return new Rounds({ work, everyMs, logger, failed });
          },
        },
      ],
    };
  }

  constructor(@Inject(REMINDERS) private readonly reminders: Rounds) {}

  onApplicationBootstrap(): void {
    this.reminders.begin();
  }

  // Before the database is closed, which is the end of the application's own module.
  async beforeApplicationShutdown(): Promise<void> {
    await this.reminders.stop();
  }
}
