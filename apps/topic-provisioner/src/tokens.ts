export const POSTGRES = Symbol('Postgres');
export const POSTGRES_CONFIG = Symbol('PostgresConfig');
export const PRODUCER = Symbol('EventProducer');
export const APPLIER = Symbol('Applier');
export const JOURNAL = Symbol('Journal');
export const PLAN_RECORDS = Symbol('PlanRecords');
export const RECONCILER = Symbol('Reconciler');
/** Aborted when the service begins to stop. */
export const STOPPING = Symbol('stopping');
