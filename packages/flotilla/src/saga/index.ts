export type { StepClients } from './attempt-step.ts';
export { type Coordinator, type CoordinatorOptions, createCoordinator } from './coordinator.ts';
export type {
  SagaBuilder,
  SagaDefinition,
  SagaInput,
  SagaReason,
  SagaSpec,
  SagaStep,
  StepContext,
  StepRetry,
  StepSpec,
} from './definition.ts';
export type { Repair } from './repair.ts';
export type { RepairAct } from './repair-act.ts';
export { saga } from './saga.ts';
export type { SagaEvent } from './saga-event.ts';
export { type SagaMeta, type SagaStart, startSaga } from './start.ts';
