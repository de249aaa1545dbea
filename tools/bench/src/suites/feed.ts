import { measureCatchUp } from './feed/catch-up.js';
import { measureFanOut } from './feed/fan-out.js';
import { measureIdle } from './feed/idle.js';
import { measureIngest } from './feed/ingest.js';
import { onFeedSite } from './feed/site.js';
import type { Suite } from './suite.js';

/** The notification-feed: into the log, out of it, to many at once, and what a stream costs. */
export const feed: Suite = async (connection, progress) => [
  await onFeedSite(connection, (site) => measureIngest(connection, site, progress)),
  await onFeedSite(connection, (site) => measureCatchUp(site, progress)),
  ...(await onFeedSite(connection, (site) => measureFanOut(site, progress))),
  await onFeedSite(connection, (site) => measureIdle(site, progress)),
];
