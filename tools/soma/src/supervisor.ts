import { supervise } from '@soma/platform';
import { kafkaOperations } from './kafka-operations.js';

process.exit(await supervise({ kafka: kafkaOperations }));
