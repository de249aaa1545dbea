export { createFeedClient, type FeedClient, type PublishOptions } from './client.js';
export { type CursorStore, memoryCursorStore, storageCursorStore } from './cursor-store.js';
export { FeedError, FeedGapError, type FieldError } from './errors.js';
export type { Gap, NewNotification, Notification, OnGap, Placement, Severity } from './feed.js';
export type { Page, PageQuery, PagesQuery } from './pages.js';
export type { FeedOptions, TokenSource } from './request.js';
export type { FeedItem, SubscribeOptions } from './subscribe.js';
