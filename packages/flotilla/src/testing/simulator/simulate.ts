import type { Policies } from '../../client/index.ts';
import type { Contract } from '../../contract/index.ts';
import { FlotillaError, type Runtime, systemRuntime } from '../../kernel/index.ts';
import type { Identity } from '../../security/index.ts';
import type { SystemDefinition } from '../../system/index.ts';
import { Agenda } from './agenda.ts';
import { chanceOf } from './chance.ts';
import { DEFAULT_RATES, type FaultRates } from './faults.ts';
import { Ledger } from './ledger.ts';
import { formatScript, parseScript, parseSeeds, replayCommand } from './replay.ts';
import { type Outcome, Run, type Script, type Stage } from './run.ts';
import { shrink, type Shrunk } from './shrink.ts';
import { openStores } from './stores.ts';
import type { Workload } from './visitors.ts';
import { watchedService } from './watched-service.ts';
import type { Invariant } from './world.ts';

export interface SimulationOptions<TContracts extends Record<string, Contract>> {
  /** Its services and what they call each other for; its gateway is left out. */
  readonly system: SystemDefinition;
  /** The services that visitors call, by the names they have in `workload`. */
  readonly clients: TContracts;
  /** What each of several visitors does, all at once. */
  readonly workload: Workload<TContracts>;
  /** What must be true after every run, by name. What every system promises is looked after anyway. */
  readonly invariants?: Readonly<Record<string, Invariant>>;
  /** The most visitors that come in one run; 3 unless said. */
  readonly visitors?: number;
  /** On whose behalf a visitor calls. Without it visitors belong to the system and may call everything. */
  readonly identity?: (visitor: number) => Identity;
  /** Processes that run each service; 2 unless said. */
  readonly nodes?: number;
  /**
   * How many runs, from seed 1; 100 unless said. `SIMULATION_SEEDS` overrides it, with a number or the first and the last such as
   * `5001-10000`, and `SEED` repeats a single one.
   */
  readonly seeds?: number;
  /** How likely each fault is; 0 leaves one out. */
  readonly faults?: Partial<FaultRates>;
  /** The services' own settings, by service, as their config schema yields them. */
  readonly settings?: Readonly<Record<string, unknown>>;
  readonly policies?: Policies;
  /** Puts what lies outside the system back to how it was; before each run. */
  readonly outside?: () => unknown;
  readonly runtime?: Pick<Runtime, 'env'>;
}

export interface SimulationReport {
  readonly runs: number;
  /** Over all runs. */
  readonly faults: number;
}

/**
 * Lets a whole system run in this thread, under a seeded scheduler with virtual time: its real hosts, sagas, relays, inboxes and
 * read models, several processes of each service over one database, while calls get lost, doubled or late, processes die or
 * stand still, clocks jump and stores fail. Equal seeds lead to equal runs. Rejects with `SIMULATION_FAILED`, which names the
 * broken promises, the fewest faults and visitors that break them, and the command that repeats that run.
 */
export async function simulate<TContracts extends Record<string, Contract>>(
  options: SimulationOptions<TContracts>,
): Promise<SimulationReport> {
  await using stage = await openStage(options);
  const { env } = options.runtime ?? systemRuntime;
  const visitors = Array.from({ length: options.visitors ?? 3 }, (_, index) => index + 1);
  const play = (script: Script, isTraced = false): Promise<Outcome> => new Run(stage, script, isTraced).finish();

  if (env.SEED) {
    const script = parseScript(env.SEED, visitors);
    const outcome = await play(script, true);
    if (outcome.broken.length > 0) throw failed(script, { script, outcome, runs: 1 });
    return { runs: 1, faults: outcome.faults.length };
  }
  const { first, last } = parseSeeds(env.SIMULATION_SEEDS ?? String(options.seeds ?? 100));
  let faults = 0;
  for (let seed = first; seed <= last; seed++) {
    const script = { seed, visitors: visitors.slice(0, 1 + chanceOf(seed, 'visitors').below(visitors.length)) };
    const outcome = await play(script);
    if (outcome.broken.length > 0) throw failed(script, await shrink(script, play));
    faults += outcome.faults.length;
  }
  return { runs: last - first + 1, faults };
}

/** Makes everything ready that all runs share. */
export async function openStage<TContracts extends Record<string, Contract>>(
  options: SimulationOptions<TContracts>,
): Promise<Stage & AsyncDisposable> {
  const { system, clients, workload, identity, invariants = {}, nodes = 2, faults, settings = {}, policies = {} } = options;
  const agenda = new Agenda();
  const ledger = new Ledger();
  const stores = await openStores(system.services, agenda);
  const berths = system.services.map((service) => {
    const { name } = service.contract;
    const { store, clock, reset } = stores.of(name);
    const definition = watchedService(service, ledger);
    return { definition, store, clock, reset, config: settings[name] };
  });
  const waiting = system.services.filter(({ subscriptions }) => subscriptions.length > 0);
  const subscribers = new Map(
    waiting.map(({ contract, subscriptions }) => [contract.name, subscriptions.map(({ event }) => event.id)]),
  );
  return {
    agenda,
    ledger,
    berths,
    subscribers,
    policies,
    identity,
    invariants,
    outside: options.outside,
    instances: nodes,
    rates: { ...DEFAULT_RATES, ...faults },
    contracts: clients,
    // The workload gets exactly the clients of its own contracts.
    workload: workload as unknown as Workload<Record<string, Contract>>,
    [Symbol.asyncDispose]: () => stores[Symbol.asyncDispose](),
  };
}

function failed(first: Script, { script, outcome, runs }: Shrunk): FlotillaError {
  const { broken, faults } = outcome;
  const story = [
    `Seed ${first.seed} broke a promise:`,
    ...broken.map((promise) => `  - ${promise}`),
    `with ${count(script.visitors, 'visitor')} and ${count(faults, 'fault')}${runs > 1 ? `, the fewest found in ${runs} runs` : ''}:`,
    ...faults.map(({ what }) => `  - ${what}`),
    ...(outcome.trace.length > 0 ? ['What happened:', ...outcome.trace] : [`Repeat it: ${replayCommand(script)}`]),
  ];
  return new FlotillaError('SIMULATION_FAILED', {
    kind: 'internal',
    message: story.join('\n'),
    details: { seed: formatScript(script), broken },
  });
}

function count(items: readonly unknown[], one: string): string {
  return `${items.length} ${one}${items.length === 1 ? '' : 's'}`;
}
