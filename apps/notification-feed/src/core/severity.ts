import type { Severity } from './notification.js';

/** How urgently somebody should look, the least first. */
export const severities = ['info', 'warning', 'error', 'critical'] as const satisfies readonly Severity[];

/** The severities from one up to the worst. */
export const atLeast = (least: Severity): readonly Severity[] => severities.slice(severities.indexOf(least));
