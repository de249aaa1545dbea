/** What a rule has sent lately. */
export interface Sent {
  /** When, in milliseconds since the epoch, the oldest first; no more than the rule's `max`. */
  readonly at: readonly number[];
  /** Notifications that the limit has held back since the last one that was sent. */
  readonly suppressed: number;
}

export interface RateLimit {
  readonly max: number;
  readonly per: { readonly ms: number };
}

/** A rule that has sent nothing yet. */
export const nothingSent: Sent = { at: [], suppressed: 0 };

/** Takes a notification into account: it may be sent if fewer than `max` were within the last `per`. */
export const throttle = (
  { max, per }: RateLimit,
  sent: Sent,
  now: number,
): { readonly allowed: boolean; readonly sent: Sent } => {
  const recent = sent.at.filter((at) => at > now - per.ms);
  if (recent.length >= max) return { allowed: false, sent: { at: recent, suppressed: sent.suppressed + 1 } };
  return { allowed: true, sent: { at: [...recent, now], suppressed: 0 } };
};
