import type { Contract, Schema } from '../contract/index.ts';
import { type Duration, durationMs, FlotillaError } from '../kernel/index.ts';
import type { EventsOf, Unit } from '../log/index.ts';
import type { SagaBuilder, SagaDefinition, SagaSpec, SagaStep, StepRetry } from './definition.ts';

const DEFAULT_STEP_TIMEOUT = '5s';
const DEFAULT_ATTEMPTS = 5;
const DEFAULT_COMPENSATIONS = 8;
type None = Record<never, never>;

/**
 * Declares a saga: `saga('place-order', { input, key, calls }).step('reserve-inventory', { run, compensate })…`.
 * Throws `INVALID_SAGA` for a step name used twice, a second pivot, or numbers of tries that make no sense.
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
    steps: [],
    onDone: undefined,
    onCompensated: undefined,
  };
  return builder(definition) as unknown as SagaBuilder<TInput, None, TCalls, Unit<TTables, EventsOf<TContract>>>;
}

type UntypedStep = Pick<SagaStep, 'run'> & Partial<SagaStep> & { timeout?: Duration; retry?: StepRetry };

/** The builder of one definition, untyped inside: `SagaBuilder` gathers the types, this gathers the values. */
function builder(definition: SagaDefinition): object {
  return {
    ...definition,
    step: (name: string, spec: UntypedStep) => {
      const problem = misuse(definition, name, spec);
      if (problem) {
        throw new FlotillaError('INVALID_SAGA', { kind: 'invalid', message: `Saga ${definition.name} ${problem}.` });
      }
      return builder({ ...definition, steps: [...definition.steps, withDefaults(name, spec)] });
    },
    done: (handler: NonNullable<SagaDefinition['onDone']>) => builder({ ...definition, onDone: handler }),
    compensated: (handler: NonNullable<SagaDefinition['onCompensated']>) => builder({ ...definition, onCompensated: handler }),
  };
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

function misuse(definition: SagaDefinition, name: string, spec: UntypedStep): string | undefined {
  if (name.startsWith('$')) return `has a step named '${name}'; names that start with $ are the journal's own`;
  if (definition.steps.some((step) => step.name === name)) return `has two steps named '${name}'`;
  if (spec.pivot && definition.steps.some((step) => step.pivot)) {
    return `has a second pivot, '${name}'; there is only one point of no return`;
  }
  const { attempts = 1, compensations = 1 } = spec.retry ?? {};
  const countable = [attempts, compensations].every((tries) => Number.isInteger(tries) && tries >= 1);
  return countable ? undefined : `lets step '${name}' try less than once; tries are whole numbers from 1`;
}
