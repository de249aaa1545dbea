import { createRequire } from 'node:module';

interface RequestQueue {
  throttledUntil: number;
  scheduleCheckPendingRequests(): void;
}

// kafkajs 2.2.4 computes "milliseconds until the throttling ends" from -1 when nothing throttles, and hands
// the negative number to setTimeout. Node 24 prints a warning for it. Only this one method is corrected.
const { prototype } = createRequire(import.meta.url)('kafkajs/src/network/requestQueue') as {
  prototype: RequestQueue;
};
// eslint-disable-next-line @typescript-eslint/unbound-method -- called with `call` below
const original = prototype.scheduleCheckPendingRequests;
prototype.scheduleCheckPendingRequests = function (this: RequestQueue): void {
  this.throttledUntil = Math.max(this.throttledUntil, Date.now());
  original.call(this);
};
