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
    const { readRoutes, readSettings } = await import('flotilla/system');
    const system = await loadSystemFile(file!);
    const { definition, baseFolder } = system;
    const settings = readSettings(definition, { ...placesOf(system, options), runtime });
    const routes = definition.gateway === undefined ? undefined : readRoutes(definition, baseFolder);
    const problems = await failures([settings, routes]);
    for (const { message } of terminal.json ? [] : problems) terminal.note(message);
    if (problems.length > 0) {
      if (terminal.json)
        terminal.printJson({ ok: false, problems: problems.map(({ code, message, details }) => ({ code, message, details })) });
      return EXIT.failed;
    }
    const counts = {
      services: definition.services.length,
      operations: definition.services.flatMap(({ contract }) => operationsOf(contract)).length,
      routes: (await routes)?.routes.length ?? 0,
    };
    if (terminal.json) terminal.printJson({ ok: true, system: definition.name, ...counts });
    else
      terminal.print(
        `${definition.name} is sound: ${Object.entries(counts)
          .map(([what, count]) => `${count} ${what}`)
          .join(', ')}.`,
      );
    return EXIT.good;
  },
});

/** The errors of all parts; what is not an error of ours is thrown. */
async function failures(parts: readonly (Promise<unknown> | undefined)[]): Promise<FlotillaError[]> {
  const results = await Promise.allSettled(parts);
  return results.flatMap((result) => {
    if (result.status === 'fulfilled') return [];
    if (isFlotillaError(result.reason)) return [result.reason];
    throw result.reason;
  });
}
