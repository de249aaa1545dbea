export { kafkaOperations } from './kafka-operations.js';
export { ensurePrincipals, provision, repositoryCatalogue } from './local-environment.js';
export { type LocalService, publishServices, serviceNames, startService } from './services.js';
export { ensureOperatorToken } from './tokens.js';
