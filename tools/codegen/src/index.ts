export { asyncapiDocument } from './asyncapi/document.js';
export * from './checked-in.js';
export * from './generate.js';
export * from './run-codegen.js';
