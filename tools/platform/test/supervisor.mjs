import { supervise } from '../src/index.ts';
import * as kafka from './kafka-operations.mjs';

process.exitCode = await supervise({ kafka });
