export type { Applied } from './apply.js';
export { desiredState, provisionerService } from './core/desired.js';
export { plan } from './core/plan.js';
export type { Actual, Change, ChangeClass, Desired, Plan } from './core/types.js';
export {
  type ApplyReport,
  Provisioner,
  type ProvisionerOptions,
  UnknownEnvironmentError,
} from './provisioner.js';
