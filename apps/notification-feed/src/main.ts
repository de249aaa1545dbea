import 'reflect-metadata';
import { bootstrap } from '@soma/service-kit';
import { service } from './service.js';

await bootstrap(service);
