/** No answer from Redis, or none in time. What Redis holds can be lost: go on without, or try again later. */
export class RedisUnavailable extends Error {
  readonly code = 'REDIS_UNAVAILABLE';
  /** The HTTP status this deserves when nobody handles it. */
  readonly status = 503;

  constructor(cause?: unknown) {
    super('redis does not answer', { cause });
    this.name = 'RedisUnavailable';
  }
}
