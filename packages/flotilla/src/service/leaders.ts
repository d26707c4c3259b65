import type { Clients } from '../client/index.ts';
import type { Contract } from '../contract/index.ts';
import { createLeadership, type Lead, type Leadership } from '../discovery/index.ts';
import { type Load, loadAggregate, openUnit } from '../log/index.ts';
import { anonymous } from '../security/index.ts';
import { startTrace } from '../telemetry/index.ts';
import type { CallMetadata } from '../transport/index.ts';
import type { TransactionContext } from './context.ts';
import type { LeadContext } from './lead-context.ts';
import { originOf } from './origin.ts';
import { Run, type Task, TransactionRun } from './runs.ts';
import type { Workplace } from './workplace.ts';

/** What a service does in one process at a time. */
export function createLeaders(work: Workplace, owner: string): readonly Leadership[] {
  const { definition, store, runtime, log } = work;
  return definition.leaders.map(({ name, work: lead }) =>
    createLeadership({ name, store, owner, work: (term) => lead(new LeaderRun(work, name, term)), runtime, log }),
  );
}

type AnyTransaction = TransactionContext<unknown, never, unknown>;
type AnyLeadContext = LeadContext<unknown, never, Record<string, Contract>, unknown>;

/** One term of office: nobody asked for it, and only its own end ends it. */
class LeaderRun extends Run implements AnyLeadContext {
  readonly #work: Workplace;
  readonly #lead: Lead;
  readonly #task: Task;

  constructor(work: Workplace, name: string, lead: Lead) {
    const origin: CallMetadata = {
      identity: anonymous,
      caller: { internal: true, name: `leader:${name}` },
      trace: startTrace(work.runtime.random),
      correlationId: work.runtime.ids(),
      remainingMs: Number.POSITIVE_INFINITY,
      attempt: 1,
    };
    const task: Task = { what: `leader ${name}`, origin, signal: lead.signal };
    super(work, task);
    this.#work = work;
    this.#lead = lead;
    this.#task = task;
  }

  get fence(): number {
    return this.#lead.fence;
  }
  get pause(): Lead['pause'] {
    return this.#lead.pause;
  }
  get db(): Workplace['store']['reader'] {
    return this.#work.store.reader;
  }
  get calls(): Clients<Record<string, Contract>> {
    const { origin, signal } = this.#task;
    return this.#work.clients(this.#work.definition.calls, { origin, signal });
  }
  get load(): Load {
    const { store, definition } = this.#work;
    const reading = { reader: store.events, contract: definition.contract };
    // The aggregate passed in decides the state that comes back.
    return ((of, id, moment) => loadAggregate(reading, { of, id }, moment)) as Load;
  }

  get transact(): AnyLeadContext['transact'] {
    return (work) => this.#transact(work);
  }

  async #transact<TResult>(work: (context: AnyTransaction) => TResult | Promise<TResult>): Promise<TResult> {
    const { definition, runtime, keepSnapshot } = this.#work;
    const origin = originOf(this.#task.origin, this.#task.origin.correlationId);
    return await this.#lead.transact(async (tx) => {
      const { unit, flush } = openUnit({ tx, contract: definition.contract, runtime, keepSnapshot, origin });
      const result = await work(new TransactionRun(this.#work, this.#task, { tx, unit }));
      await flush();
      return result;
    });
  }
}
