export const NOTIFICATION_STORE = Symbol('NotificationStore');
export const WAKE_UP = Symbol('WakeUp');
export const CONSUMER_STORE = Symbol('ConsumerStore');
export const HUB = Symbol('Hub');
export const RULE_STORE = Symbol('RuleStore');
export const RULE_BOOK = Symbol('RuleBook');
export const APPLY_RULES = Symbol('applyRules');
export const UPKEEP = Symbol('Upkeep');
