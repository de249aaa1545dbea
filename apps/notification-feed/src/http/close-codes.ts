import type { CloseReason } from '../streams/sink.js';

/** How a WebSocket ends; the text that goes with the code is the reason. */
export interface Closing {
  readonly code: number;
  readonly means: string;
}

/** RFC 6455: what the client sent, or its token, is against the rules. */
export const policyViolation = 1_008;
/** RFC 6455: what the client sent is larger than an acknowledgement. */
export const messageTooBig = 1_009;

/** Why the service ends a WebSocket; what the client did wrong besides is {@link policyViolation} or {@link messageTooBig}. */
export const closings: Readonly<Record<CloseReason, Closing>> = {
  shutdown: { code: 1_001, means: 'this replica stops: another one, behind the last cursor' },
  'cut-off': { code: 1_013, means: 'this replica cannot read the feed: another one, behind the last cursor' },
  'not-allowed': {
    code: policyViolation,
    means: 'the token is not accepted any more, or not for this squad',
  },
  stalled: { code: 1_013, means: 'nothing was taken off the connection for too long' },
  'new-epoch': { code: 1_012, means: 'the feed has begun another epoch: come back with the last cursor' },
  failed: { code: 1_011, means: 'the service failed: come back with the last cursor' },
};
