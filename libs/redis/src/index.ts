export { redisEnv } from './config.js';
export type { RedisConfig } from './config.js';
export { RedisUnavailable } from './errors.js';
export { createRedis } from './redis.js';
export type { Redis, RedisOptions } from './redis.js';
export type { Listener } from './subscriptions.js';
