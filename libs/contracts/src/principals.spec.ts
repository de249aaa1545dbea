import { spec } from '../test/specs.js';
import { servicePrincipals } from './principals.js';

it('gives each service what the specs say, and the dead letters of what it reads', () => {
  const feed = { service: 'notification-feed', squad: 'infra-ops' };
  const specs = [
    spec({ topic: 'infra.notifications', producers: [feed], consumers: [feed] }),
    spec({
      topic: 'billing.events',
      consumers: [{ ...feed, group: 'feed' }],
      producers: [{ service: 'billing-meter', squad: 'identity-settings', transactionalId: 'meter' }],
    }),
  ];
  expect(servicePrincipals(specs)).toEqual([
    {
      service: 'billing-meter',
      squad: 'identity-settings',
      produces: ['billing.events'],
      transactionalIds: ['meter'],
      consumes: [],
      deadLetters: [],
    },
    {
      service: 'notification-feed',
      squad: 'infra-ops',
      produces: ['infra.notifications'],
      transactionalIds: [],
      consumes: [
        { topic: 'billing.events', group: 'feed' },
        { topic: 'infra.notifications', group: 'notification-feed' },
      ],
      deadLetters: ['billing.events.dlq', 'infra.notifications.dlq'],
    },
  ]);
});
