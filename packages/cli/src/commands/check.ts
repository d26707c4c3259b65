import { operationsOf } from 'flotilla/contract';
import { isFlotillaError, type FlotillaError } from 'flotilla/kernel';
import { defineCommand } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { placesOf, SETTINGS_OPTIONS } from '../settings.ts';
import { loadSystemFile } from '../system-file.ts';

export const check = defineCommand({
  description:
    'Loads the system, its configuration and the routes of its gateway, and says everything that is wrong with them. Nothing is\n' +
    'started and nothing is written.',
  args: [{ name: 'SYSTEM', description: 'The file that exports the system' }],
  options: SETTINGS_OPTIONS,
  examples: ['flotilla check system.ts', 'flotilla check system.ts --profile prod'],
  json: 'One line: {"ok":true,"system":…,"services":…,"operations":…,"routes":…}, or {"ok":false,"problems":[{"code":…,"message":…}]}.',
  run: async ({ args: [file], options, terminal, runtime }) => {
    const system = await loadSystemFile(file!);
    const { readRoutes, readSettings } = await import('flotilla/system');
    const { definition, baseFolder } = system;
    const parts = {
      settings: readSettings(definition, { ...placesOf(system, options), runtime }),
      routes: definition.gateway === undefined ? Promise.resolve(undefined) : readRoutes(definition, baseFolder),
    };
    const problems = await failures(Object.values(parts));
    if (problems.length > 0) {
      const facts = problems.map(({ code, message, details }) => ({ code, message, details }));
      terminal.answer({ ok: false, problems: facts }, problems.map(({ message }) => message).join('\n'));
      return EXIT.failed;
    }
    const services = definition.services.length;
    const operations = definition.services.flatMap(({ contract }) => operationsOf(contract)).length;
    const routes = (await parts.routes)?.routes.length ?? 0;
    terminal.answer(
      { ok: true, system: definition.name, services, operations, routes },
      `${definition.name} is sound: ${services} services, ${operations} operations, ${routes} routes.`,
    );
    return EXIT.good;
  },
});

/** The errors of all parts; what is not an error of ours is thrown. */
async function failures(parts: readonly Promise<unknown>[]): Promise<FlotillaError[]> {
  const results = await Promise.allSettled(parts);
  return results.flatMap((result) => {
    if (result.status === 'fulfilled') return [];
    if (isFlotillaError(result.reason)) return [result.reason];
    throw result.reason;
  });
}
