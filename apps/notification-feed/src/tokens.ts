export const NOTIFICATION_STORE = Symbol('NotificationStore');
export const WAKE_UP = Symbol('WakeUp');
export const FEED_OPTIONS = Symbol('FeedOptions');
