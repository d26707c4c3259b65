import type { Contract, Schema } from '../contract/index.ts';
import { FlotillaError } from '../kernel/index.ts';
import type { EventsOf, Unit } from '../log/index.ts';
import type { SagaBuilder, SagaDefinition, SagaSpec, SagaStep } from './definition.ts';

const DEFAULT_STEP_TIMEOUT = '5s';
const DEFAULT_ATTEMPTS = 3;
type None = Record<never, never>;

/**
 * Declares a saga: `saga('place-order', { input, key, calls }).step('reserve-inventory', { run, compensate })…`.
 * Throws `INVALID_SAGA` for a step name used twice or a second pivot.
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

/** The builder of one definition, untyped inside: `SagaBuilder` gathers the types, this gathers the values. */
function builder(definition: SagaDefinition): object {
  return {
    ...definition,
    step: (name: string, spec: Partial<SagaStep> & Pick<SagaStep, 'run'> & { retry?: { attempts?: number } }) => {
      refuseMisuse(definition, name, spec.pivot ?? false);
      const step: SagaStep = {
        name,
        run: spec.run,
        commit: spec.commit,
        compensate: spec.compensate,
        undone: spec.undone,
        check: spec.check,
        timeout: spec.timeout ?? DEFAULT_STEP_TIMEOUT,
        attempts: spec.retry?.attempts ?? DEFAULT_ATTEMPTS,
        pivot: spec.pivot ?? false,
      };
      return builder({ ...definition, steps: [...definition.steps, step] });
    },
    done: (handler: NonNullable<SagaDefinition['onDone']>) => builder({ ...definition, onDone: handler }),
    compensated: (handler: NonNullable<SagaDefinition['onCompensated']>) => builder({ ...definition, onCompensated: handler }),
  };
}

function refuseMisuse(definition: SagaDefinition, name: string, pivot: boolean): void {
  const problem = definition.steps.some((step) => step.name === name)
    ? `has two steps named '${name}'`
    : pivot && definition.steps.some((step) => step.pivot)
      ? `has a second pivot, '${name}'; there is only one point of no return`
      : undefined;
  if (problem) throw new FlotillaError('INVALID_SAGA', { kind: 'invalid', message: `Saga ${definition.name} ${problem}.` });
}
