/** Name of this service: Kafka user, consumer group, Redis prefix. */
export const serviceName = 'notification-feed';
