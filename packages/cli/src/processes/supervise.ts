import type { Invocation } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { GATEWAY } from '../gateway-name.ts';
import { openRegistry } from '../registry.ts';
import { infrastructureOf, placesOf } from '../settings.ts';
import { watchStopSignals } from '../stop-signals.ts';
import { announceReady } from './announce.ts';
import { createCallRates } from './call-rates.ts';
import { createDepartures } from './departures.ts';
import { createFleet, type Fleet } from './fleet.ts';
import { followSources } from './follow-sources.ts';
import { createFleetOutput, type FleetOutput } from './output.ts';
import { startPart } from './part-process.ts';
import { partStyles } from './part-style.ts';
import { type Plan, readPlan } from './plan.ts';
import { startArgs, startEnvironment } from './start-args.ts';
import { statusTable } from './status-table.ts';
import type { SUPERVISE_OPTIONS } from './supervise-options.ts';
import { type Survey, takeSurvey } from './survey.ts';

export interface Supervising extends Omit<Invocation<typeof SUPERVISE_OPTIONS>, 'args'> {
  readonly file: string;
}

/** Runs a system with a process for each instance of each part, and keeps it running until somebody wants it to stop. */
export async function supervise(supervising: Supervising): Promise<number> {
  const { file, options, terminal, runtime, startedAt } = supervising;
  using signals = watchStopSignals();
  const { system, survey } = await takeSurvey(file, options, runtime);
  const plan = readPlan(survey, options);
  const { dataFolder } = placesOf(system, options);
  const { store } = await infrastructureOf(system, options, runtime);

  await using departures = createDepartures(await openRegistry({ folder: dataFolder, store }));
  await using rates = createCallRates(dataFolder, runtime.clock);
  const foot = (colour: Colour): string[] =>
    statusTable(fleet.keepers, { style: terminal.style, colour, callsPerSecond: rates.of, now: runtime.clock.monotonic() });
  using output = openOutput(supervising, { survey, plan, foot });
  const gatewayUrl = (): string | undefined => fleet.keepers.get(GATEWAY)?.[0]?.place?.gatewayUrl;
  const fleet: Fleet = createFleet({
    runtime,
    instancesOf: plan.instancesOf,
    report: (happening) => {
      if (happening.event === 'down' && happening.pid !== undefined) departures.ended(happening.pid);
      output.happened(happening);
    },
    renewing: ({ part, why }) => output.tell({ event: 'changed', part, why }, `${part} restarts: ${why.join(', ')} changed`),
    launch: (name) => {
      const args = startArgs(name.part, { file, dataFolder, options, gatewayUrl: gatewayUrl() });
      const env = { ...runtime.env, ...startEnvironment(options) };
      return startPart({ args, env, log: (line) => output.log(name, line), clock: runtime.clock });
    },
  });
  // However this process ends, short of SIGKILL, no other is left behind; after SIGKILL they notice it themselves.
  process.on('exit', fleet.kill);
  fleet.adopt(plan.wanted(survey));
  using _following = follow(supervising, { survey, plan, fleet, output });

  const first = await Promise.race([signals.stopped, fleet.settled]);
  if (first === 'nothing runs') return EXIT.failed;
  if (first === 'ready') {
    const tookMs = runtime.clock.monotonic() - startedAt;
    announceReady({ system, fleet, gatewayUrl: gatewayUrl(), dataFolder, tookMs }, output, terminal.style);
  }
  const signal = await signals.stopped;
  output.tell({ event: 'stopping', signal }, '\nStopping: what runs is finished first. Once more stops at once.');
  await fleet.stop();
  output.tell({ event: 'stopped' }, `${system.definition.name} has stopped.`);
  return EXIT.good;
}

type Colour = (part: string, text: string) => string;

interface OutputParts {
  readonly survey: Survey;
  readonly plan: Plan;
  readonly foot: (colour: Colour) => readonly string[];
}

function openOutput({ terminal, runtime }: Supervising, { survey, plan, foot }: OutputParts): FleetOutput {
  const names = plan.wanted(survey).map(({ name }) => name);
  const colour = partStyles(names, terminal.style);
  const width = Math.max(...names.map((name) => `${name} ${plan.instancesOf(name)}`.length));
  return createFleetOutput({ terminal, clock: runtime.clock, colour, width, foot: () => foot(colour) });
}

interface Followed {
  readonly survey: Survey;
  readonly plan: Plan;
  readonly fleet: Fleet;
  readonly output: FleetOutput;
}

/** Whoever's files change restarts, once the whole system is sound again; until then what runs goes on running. */
function follow({ file, options, runtime }: Supervising, { survey, plan, fleet, output }: Followed): Disposable {
  const { data, store, bus, profile, set } = options;
  return followSources({
    request: { file, options: { data, store, bus, profile, set } },
    folders: survey.folders,
    clock: runtime.clock,
    changed: (after) => fleet.adopt(plan.wanted(after)),
    broken: (message) =>
      output.tell({ event: 'broken', message }, `Nothing restarts as long as the system is broken: ${message}`),
  });
}
