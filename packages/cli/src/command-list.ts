import type { Command } from './command.ts';

/** A command in the overview. Its code is loaded only when it runs, so that no command pays for the others. */
export interface CommandEntry {
  readonly name: string;
  readonly group: string;
  readonly summary: string;
  readonly load: () => Promise<Command>;
}

type Load = CommandEntry['load'];

const run: readonly [string, string, Load][] = [
  ['dev', 'Run a whole system, in one process or many', async () => (await import('./commands/dev.ts')).dev],
  ['start', 'Run one service, or the gateway, in a process of its own', async () => (await import('./commands/start.ts')).start],
  ['check', 'Check a system and its configuration without starting it', async () => (await import('./commands/check.ts')).check],
  ['call', 'Call an operation of a service', async () => (await import('./commands/call.ts')).call],
];

const watch: readonly [string, string, Load][] = [
  ['conversation', 'Show all that one request led to', async () => (await import('./commands/conversation.ts')).conversation],
  ['top', 'Watch calls, latencies, breakers and instances', async () => (await import('./commands/top.ts')).top],
];

const instances: readonly [string, string, Load][] = [
  ['instances', 'List the instances in the registry', async () => (await import('./commands/instances.ts')).instances],
  ['leaders', 'List what one process does alone, and which', async () => (await import('./commands/leaders.ts')).leaders],
  ['register', 'Register something that Flotilla did not start', async () => (await import('./commands/register.ts')).register],
  ['consul', "Answer Consul's clients from the registry", async () => (await import('./commands/consul.ts')).consul],
];

const sagas: readonly [string, string, Load][] = [
  ['sagas list', 'List sagas, the latest first', async () => (await import('./commands/sagas-list.ts')).sagasList],
  ['sagas show', 'Show the journal of a saga', async () => (await import('./commands/sagas-show.ts')).sagasShow],
  ['sagas retry', 'Give a stuck saga fresh tries', async () => (await import('./commands/sagas-repair.ts')).sagasRetry],
  ['sagas skip', 'Go on as if the stuck step had succeeded', async () => (await import('./commands/sagas-repair.ts')).sagasSkip],
  ['sagas edit', 'Say what the stuck step returned', async () => (await import('./commands/sagas-repair.ts')).sagasEdit],
  ['sagas resolve', 'Close a stuck saga as it is', async () => (await import('./commands/sagas-repair.ts')).sagasResolve],
];

const acts: readonly [string, string, Load][] = [
  ['sagas cancel', 'Turn a saga back', async () => (await import('./commands/sagas-act.ts')).sagasCancel],
  ['sagas signal', 'Tell a saga what it waits for', async () => (await import('./commands/sagas-act.ts')).sagasSignal],
  ['sagas fork', 'Run a saga anew from a step on', async () => (await import('./commands/sagas-act.ts')).sagasFork],
  ['sagas pause', 'Hold sagas back', async () => (await import('./commands/sagas-pause.ts')).sagasPause],
  ['sagas resume', 'Let paused sagas go on', async () => (await import('./commands/sagas-pause.ts')).sagasResume],
];

const events: readonly [string, string, Load][] = [
  ['events tail', 'Follow the events of services', async () => (await import('./commands/events-tail.ts')).eventsTail],
  ['events show', 'Show one stream, now or as it was', async () => (await import('./commands/events-show.ts')).eventsShow],
  ['events parked', 'List messages that were set aside', async () => (await import('./commands/events-parked.ts')).eventsParked],
  ['events unpark', 'Handle a message again', async () => (await import('./commands/events-unpark.ts')).eventsUnpark],
];

const projections: readonly [string, string, Load][] = [
  ['projections', 'List read models, and how far they are', async () => (await import('./commands/projections.ts')).projections],
  [
    'projections rebuild',
    'Build a read model anew',
    async () => (await import('./commands/projections-rebuild.ts')).projectionsRebuild,
  ],
  [
    'projections unpark',
    'Let a parked stream go on',
    async () => (await import('./commands/projections-unpark.ts')).projectionsUnpark,
  ],
];

const config: readonly [string, string, Load][] = [
  ['config explain', 'Say where a setting comes from', async () => (await import('./commands/config-explain.ts')).configExplain],
  ['policies', 'Say what protects calls, and who decided so', async () => (await import('./commands/policies.ts')).policies],
];

const groups: Record<string, readonly [string, string, Load][]> = {
  'Run a system': run,
  'See how it is': [...watch, ...instances],
  'Durable work': [...sagas, ...acts],
  Events: events,
  'Read models': projections,
  Settings: config,
};

export const COMMANDS: readonly CommandEntry[] = Object.entries(groups).flatMap(([group, entries]) =>
  entries.map(([name, summary, load]) => ({ name, group, summary, load })),
);
