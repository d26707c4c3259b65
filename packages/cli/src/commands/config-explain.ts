import type { Explanation } from 'flotilla/config';
import { FlotillaError } from 'flotilla/kernel';
import { defineCommand, wrongUsage } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { printList } from '../listing.ts';
import { placesOf, SETTINGS_OPTIONS } from '../settings.ts';
import { loadSystemFile } from '../system-file.ts';
import { table } from '../table.ts';
import type { Terminal } from '../terminal.ts';

export const configExplain = defineCommand({
  description:
    'Says what a setting is, which source says so, and what that overrides. A key that holds others lists them; without a key all\n' +
    'settings are listed. Secrets are not shown.',
  args: [{ name: 'KEY', description: 'Dotted key, such as services.orders.maxLines', isOptional: true }],
  options: {
    ...SETTINGS_OPTIONS,
    system: { type: 'string', value: 'FILE', description: 'The file that exports the system (required)' },
  },
  examples: ['flotilla config explain services.orders --system system.ts --profile prod'],
  json: 'One line per setting: {"key":…,"value":…,"source":…,"where":…,"overridden":[{"value":…,"source":…,"where":…}]}.',
  run: async ({ args: [key], options, terminal, runtime }) => {
    if (options.system === undefined) throw wrongUsage('--system is missing: the file that exports the system');
    const system = await loadSystemFile(options.system);
    const { readSettings } = await import('flotilla/system');
    const config = await readSettings(system.definition, { ...placesOf(system, options), runtime });
    const one = key === undefined ? undefined : config.explain(key);
    const explained = one ? [one] : config.explainAll(key);
    if (explained.length === 0 && key !== undefined) throw noSetting(key);
    if (one) terminal.answer(one, inFull(one, terminal.style));
    else printList(terminal, { items: explained, heading, row: (item) => inShort(item, terminal.style), none: 'No settings.' });
    return EXIT.good;
  },
});

type Style = Terminal['style'];
const heading = ['SETTING', 'VALUE', 'FROM'];

function inShort({ key, value, where }: Explanation, style: Style): string[] {
  return [key, style('bold', JSON.stringify(value)), style('dim', where)];
}

function inFull({ key, value, source, where, overridden }: Explanation, style: Style): string {
  const before = overridden.map((one) => [style('dim', JSON.stringify(one.value)), one.source, one.where]);
  return [`${key} = ${style('bold', JSON.stringify(value))}`, `  from ${placeOf(source, where)}`]
    .concat(before.length > 0 ? ['  instead of', ...table(before).map((line) => `    ${line}`)] : [])
    .join('\n');
}

function placeOf(source: string, where: string): string {
  return `${source === 'file' ? 'the file' : `the ${source}:`} ${where}`;
}

function noSetting(key: string): FlotillaError {
  const message = `There is no setting '${key}'. 'flotilla config explain --system FILE' lists all settings.`;
  return new FlotillaError('NO_SUCH_SETTING', { kind: 'not-found', message });
}
