export type { StepClients } from './attempt-step.ts';
export { type Coordinator, type CoordinatorOptions, createCoordinator, type Starting } from './coordinator.ts';
export type {
  SagaBuilder,
  SagaDefinition,
  SagaInput,
  SagaReason,
  SagaResults,
  SagaSignals,
  SagaSpec,
  SideBySide,
  StartingEvent,
} from './definition.ts';
export { deadline, type DeadlineSpec, type KeyedEvent } from './deadline.ts';
export type { Fork } from './fork.ts';
export type { Act } from './operate.ts';
export type { PauseAct, WidePause } from './pause.ts';
export type { Repair } from './repair.ts';
export { REPAIR_ACTS, type RepairAct } from './repair-act.ts';
export { saga } from './saga.ts';
export type { SagaEvent } from './saga-event.ts';
export type { Signal } from './signal.ts';
export type { SignalAct } from './signal-act.ts';
export type {
  ChildStage,
  Condition,
  DecisionWait,
  EventWait,
  LockStage,
  OnTimeout,
  SleepStage,
  Stage,
  StepsStage,
  WaitStage,
} from './stage.ts';
export { type SagaMeta, type SagaStart, startSaga } from './start.ts';
export type { SagaStep, StepContext, StepRetry, StepSpec, Told } from './step.ts';
export { sagaSubscriptions } from './subscriptions.ts';
