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
  ['top', 'Watch calls, latencies, breakers and instances', async () => (await import('./commands/top.ts')).top],
];

const instances: readonly [string, string, Load][] = [
  ['instances', 'List the instances in the registry', async () => (await import('./commands/instances.ts')).instances],
  ['register', 'Register something that Flotilla did not start', async () => (await import('./commands/register.ts')).register],
  ['consul', "Answer Consul's clients from the registry", async () => (await import('./commands/consul.ts')).consul],
];

const sagas: readonly [string, string, Load][] = [
  ['sagas list', 'List sagas, the latest first', async () => (await import('./commands/sagas-list.ts')).sagasList],
  ['sagas show', 'Show the journal of a saga', async () => (await import('./commands/sagas-show.ts')).sagasShow],
  ['sagas retry', 'Give a stuck saga fresh tries', async () => (await import('./commands/sagas-repair.ts')).sagasRetry],
  ['sagas skip', 'Go on as if the stuck step had succeeded', async () => (await import('./commands/sagas-repair.ts')).sagasSkip],
  ['sagas resolve', 'Close a stuck saga as it is', async () => (await import('./commands/sagas-repair.ts')).sagasResolve],
];

const events: readonly [string, string, Load][] = [
  ['events tail', 'Follow the events of services', async () => (await import('./commands/events-tail.ts')).eventsTail],
  ['events parked', 'List messages that were set aside', async () => (await import('./commands/events-parked.ts')).eventsParked],
  ['events unpark', 'Handle a message again', async () => (await import('./commands/events-unpark.ts')).eventsUnpark],
];

const config: readonly [string, string, Load][] = [
  ['config explain', 'Say where a setting comes from', async () => (await import('./commands/config-explain.ts')).configExplain],
  ['policies', 'Say what protects calls, and who decided so', async () => (await import('./commands/policies.ts')).policies],
];

const groups: Record<string, readonly [string, string, Load][]> = {
  'Run a system': run,
  'See how it is': [...watch, ...instances],
  'Durable work': sagas,
  Events: events,
  Settings: config,
};

export const COMMANDS: readonly CommandEntry[] = Object.entries(groups).flatMap(([group, entries]) =>
  entries.map(([name, summary, load]) => ({ name, group, summary, load })),
);
