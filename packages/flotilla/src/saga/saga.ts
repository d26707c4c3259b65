import type { Contract, Schema } from '../contract/index.ts';
import { type Duration, durationMs, FlotillaError } from '../kernel/index.ts';
import type { EventsOf, Unit } from '../log/index.ts';
import type { SagaBuilder, SagaDefinition, SagaSpec, StartingEvent } from './definition.ts';
import { misuse } from './misuse.ts';
import type {
  ChildStage,
  Condition,
  DecisionWait,
  EventWait,
  LockStage,
  OnTimeout,
  SleepStage,
  Stage,
  WaitStage,
} from './stage.ts';
import type { SagaStep, StepRetry, Told } from './step.ts';

const DEFAULT_STEP_TIMEOUT = '5s';
const DEFAULT_ATTEMPTS = 5;
const DEFAULT_COMPENSATIONS = 8;
type None = Record<never, never>;

/**
 * Declares a saga: `saga('place-order', { input, key, calls }).step('reserve-inventory', { run, compensate })…`.
 * Throws `INVALID_SAGA` for a name used twice, a second pivot, or numbers of tries that make no sense.
 */
export function saga<
  TInput extends Schema,
  TCalls extends Record<string, Contract> = None,
  TTables = unknown,
  TContract extends Contract = Contract,
>(
  name: string,
  spec: SagaSpec<TInput, TCalls, TTables, TContract>,
): SagaBuilder<TInput, None, TCalls, Unit<TTables, EventsOf<TContract>>> {
  const definition: SagaDefinition<TInput> = {
    name,
    version: spec.version ?? '1',
    input: spec.input,
    key: spec.key,
    calls: spec.calls ?? {},
    stages: [],
    startsOn: [],
    onDone: undefined,
    onCompensated: undefined,
  };
  return builder(definition) as unknown as SagaBuilder<TInput, None, TCalls, Unit<TTables, EventsOf<TContract>>>;
}

export type UntypedStep = Pick<SagaStep, 'run'> & Partial<SagaStep> & { timeout?: Duration; retry?: StepRetry };
type UntypedWait = (DecisionWait<Schema, OnTimeout> | EventWait<WaitedType, OnTimeout>) & Partial<Condition<Told>>;
type WaitedType = NonNullable<WaitStage['on']>['event'];

/** The builder of one definition, untyped inside: `SagaBuilder` gathers the types, this gathers the values. */
function builder(definition: SagaDefinition): object {
  const adding = (stage: Stage): object => {
    const problem = misuse(definition, stage);
    if (problem) {
      throw new FlotillaError('INVALID_SAGA', { kind: 'invalid', message: `Saga ${definition.name} ${problem}.` });
    }
    return builder({ ...definition, stages: [...definition.stages, stage] });
  };
  return {
    ...definition,
    step: (name: string, spec: UntypedStep) => adding({ kind: 'steps', steps: [withDefaults(name, spec)] }),
    parallel: (steps: (side: Side) => Side) => adding({ kind: 'steps', steps: steps(sideBySide([])).steps }),
    sleep: (name: string, length: Duration | SleepStage['length']) =>
      adding({ kind: 'sleep', name, length: typeof length === 'function' ? length : () => length }),
    waitFor: (name: string, spec: UntypedWait) => adding(waitStage(name, spec)),
    child: (name: string, saga: SagaDefinition, input: ChildStage['input']) => adding({ kind: 'child', name, saga, input }),
    lock: (name: string, resource: LockStage['resource']) => adding({ kind: 'lock', name, resource }),
    startOn: (event: StartingEvent['event'], input: StartingEvent['input']) =>
      builder({ ...definition, startsOn: [...definition.startsOn, { event, input }] }),
    done: (handler: NonNullable<SagaDefinition['onDone']>) => builder({ ...definition, onDone: handler }),
    compensated: (handler: NonNullable<SagaDefinition['onCompensated']>) => builder({ ...definition, onCompensated: handler }),
  };
}

interface Side {
  readonly steps: readonly SagaStep[];
  readonly step: (name: string, spec: UntypedStep) => Side;
}

/** As `builder`, for steps that run at the same time. */
function sideBySide(steps: readonly SagaStep[]): Side {
  return { steps, step: (name, spec) => sideBySide([...steps, withDefaults(name, spec)]) };
}

function withDefaults(name: string, spec: UntypedStep): SagaStep {
  return {
    name,
    run: spec.run,
    commit: spec.commit,
    compensate: spec.compensate,
    undone: spec.undone,
    check: spec.check,
    timeoutMs: durationMs(spec.timeout ?? DEFAULT_STEP_TIMEOUT),
    attempts: spec.retry?.attempts ?? DEFAULT_ATTEMPTS,
    compensations: spec.retry?.compensations ?? DEFAULT_COMPENSATIONS,
    pivot: spec.pivot ?? false,
  };
}

function waitStage(name: string, spec: UntypedWait): WaitStage {
  const { timeout, onTimeout = 'fail', alert = false } = spec;
  const timeoutMs = timeout === undefined ? undefined : durationMs(timeout);
  const limits = { timeoutMs, onTimeout, alert, when: spec.when };
  if ('schema' in spec) return { kind: 'wait', name, schema: spec.schema, on: undefined, ...limits };
  const { event, key } = spec;
  // The key function was declared for exactly the data of that event.
  return { kind: 'wait', name, schema: event.schema, on: { event, key: key as (data: unknown) => string }, ...limits };
}
