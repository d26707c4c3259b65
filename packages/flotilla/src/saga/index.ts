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
export { saga } from './saga.ts';
