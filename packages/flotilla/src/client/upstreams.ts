import type { Operation } from '../contract/index.ts';
import type { Runtime } from '../kernel/index.ts';
import { type BreakerChange, createPipeline, type Execute, type Pipeline, type PipelineState } from '../resilience/index.ts';
import { operationPolicy, type Policies, servicePolicy } from './policies.ts';

export interface UpstreamsOptions {
  policies?: Policies | undefined;
  runtime: Runtime;
  onBreakerChange?: (change: BreakerChange) => void;
}

/**
 * The services that one caller calls, each behind one pipeline: whatever it learns about a service holds for all its calls
 * there, from handlers and from sagas alike.
 */
export interface Upstreams {
  /** Runs calls of an operation under the policy that applies to it. */
  execute(operation: Operation): Execute;
  /** Runs requests to a service that are no calls of an operation, under the policy of the service. */
  toService(service: string): Execute;
  /** From the next call on these policies apply; what was learnt about a service is kept where its policy is the same. */
  reload(policies: Policies): void;
  /** Another instance of the service is there: what kept callers away from those before it says nothing of this one. */
  arrived(service: string): void;
  /** Undefined for a service that was never prepared for calls. */
  pipeline(service: string): Pipeline | undefined;
  states(): PipelineState[];
}

export function createUpstreams({ policies: first = {}, runtime, onBreakerChange }: UpstreamsOptions): Upstreams {
  let policies = first;
  const pipelines = new Map<string, Pipeline>();
  const executes = new Map<string, Execute>();
  const open = (service: string): Pipeline => {
    const policy = servicePolicy(service, policies);
    const pipeline = createPipeline({ name: service, policy, runtime, ...(onBreakerChange && { onBreakerChange }) });
    pipelines.set(service, pipeline);
    return pipeline;
  };
  const pipelineOf = (service: string): Pipeline => pipelines.get(service) ?? open(service);
  return {
    toService: (service) => pipelineOf(service).execute,
    execute(operation) {
      let execute = executes.get(operation.id);
      if (!execute) {
        execute = pipelineOf(operation.service).with(() => operationPolicy(operation, policies));
        executes.set(operation.id, execute);
      }
      return execute;
    },
    reload(next) {
      policies = next;
      for (const [service, pipeline] of pipelines) pipeline.reload(servicePolicy(service, policies));
    },
    arrived(service) {
      const breaker = pipelines.get(service)?.breaker;
      if (breaker?.state.kind === 'open') breaker.reset();
    },
    pipeline: (service) => pipelines.get(service),
    states: () => [...pipelines.values()].map((pipeline) => pipeline.state()),
  };
}
