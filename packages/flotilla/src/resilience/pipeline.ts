import type { Breaker } from './breaker.ts';
import { Call, type CallBounds, type CallContext, type Stage, type Work } from './call.ts';
import { compose } from './compose.ts';
import type { LoadShedder } from './load-shedder.ts';
import { type CallPolicy, mergePolicies, type Policy } from './policy.ts';
import { resolvePolicy } from './settings.ts';
import { type PipelineState, Upstream, type UpstreamOptions } from './upstream.ts';

export interface PipelineOptions extends UpstreamOptions {
  /** Refuses calls while this process has too much to do. */
  shedder?: LoadShedder;
}

/** Runs one call within the policy. Rejects with the very error that the work rejected with, or with one of the policy's own. */
export type Execute = <TResult, TEndpoint = undefined>(
  work: Work<TResult, TEndpoint>,
  context?: CallContext<TEndpoint>,
) => Promise<TResult>;

/**
 * The calls to one upstream, protected by its policy: fallback > total deadline > shedding > bulkhead or adaptive limit >
 * retries or hedges > `pick` > breaker > attempt timeout > the work.
 *
 * An upstream with many endpoints is one pipeline: `pick` is asked before each try, hedges too, and told where the other tries of
 * the call went. A refusal of its own, such as that nothing is left to pick, fails the try and says nothing to the breaker.
 *
 * ```ts
 * const stock = createPipeline({ name: 'stock', policy: standardPolicy, runtime });
 * const level = await stock.execute(({ endpoint, signal }) => ask(endpoint, sku, signal), {
 *   idempotent: true,
 *   signal,
 *   pick: (excluded) => balancer.pick(excluded),
 * });
 * ```
 */
export interface Pipeline extends Disposable {
  readonly name: string;
  readonly execute: Execute;
  /**
   * The same upstream for one operation with a policy of its own; it shares breaker, limits and budget, and follows `reload`.
   * Make one for each operation, not for each call: it lives as long as the pipeline. A policy that may change with a reload is
   * given as a function.
   */
  with(policy: CallPolicy | (() => CallPolicy)): Execute;
  /** Calls under way end as they began; what breaker, limit and budget learnt is kept where their policy is the same. */
  reload(policy: Policy): void;
  /** To isolate or reset it by hand. A reload that changes its policy replaces it. */
  readonly breaker: Breaker | undefined;
  state(): PipelineState;
  /** Refuses calls from now on and lets those go that wait for their turn; calls under way end as they began. */
  [Symbol.dispose](): void;
}

export function createPipeline(options: PipelineOptions): Pipeline {
  const { name, shedder } = options;
  const upstream = new Upstream(options);
  const ways: Way[] = [];
  const addWay = (policy: CallPolicy | (() => CallPolicy)): Execute => {
    const way = openWay(typeof policy === 'function' ? policy : () => policy, upstream, shedder);
    ways.push(way);
    return way.execute;
  };
  const recompose = (): void => {
    for (const way of ways) way.compose();
  };
  return {
    name,
    execute: addWay({}),
    with: addWay,
    reload(policy) {
      upstream.apply(policy);
      recompose();
    },
    get breaker() {
      return upstream.breaker;
    },
    state: () => upstream.state(),
    [Symbol.dispose]() {
      upstream.close();
      recompose();
    },
  };
}

interface Way {
  readonly execute: Execute;
  /** Takes up the policies as they are now. */
  compose(): void;
}

function openWay(policy: () => CallPolicy, upstream: Upstream, shedder: LoadShedder | undefined): Way {
  const { wheel, counts } = upstream;
  let run: Stage;
  let bounds: CallBounds;
  const composeNow = (): void => {
    const settings = resolvePolicy(mergePolicies(upstream.policy, policy()));
    bounds = { ...settings.timeout, wheel };
    run = compose(settings, upstream, shedder);
  };
  composeNow();
  const execute = (work: Work<unknown, unknown>, context?: CallContext<unknown>): Promise<unknown> => {
    counts.calls += 1;
    return run(new Call(work, context, bounds));
  };
  // The stages hand on what the work resolves with and what `pick` returned, and never look at either.
  return { execute: execute as Execute, compose: composeNow };
}
