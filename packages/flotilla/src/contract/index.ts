export {
  type Commands,
  type Contract,
  contract,
  type ContractSpec,
  type Events,
  findOperation,
  operationsOf,
  type Queries,
  type Streams,
} from './contract.ts';
export type { EventData, EventSpec, EventType } from './event.ts';
export { allowsNull, type JsonSchema, jsonSchemaOf, propertyNames, propertySchema } from './json-schema.ts';
export type {
  Access,
  CommandSpec,
  DeclaredError,
  ErrorSpec,
  ErrorSpecs,
  Fail,
  Failure,
  HttpBinding,
  HttpMethod,
  HttpRoute,
  Operation,
  OperationInput,
  OperationKind,
  OperationOutput,
  OperationSpec,
  QuerySpec,
  StreamOperationSpec,
  StreamSpec,
} from './operation.ts';
export {
  check,
  describeIssues,
  type InputOf,
  type Issue,
  type OutputOf,
  type Schema,
  type Validated,
  validateInput,
  validateOutput,
} from './schema.ts';
export { textToValue } from './text.ts';
