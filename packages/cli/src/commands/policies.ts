import { type Operation, operationsOf } from 'flotilla/contract';
import { defineCommand, wrongUsage } from '../command.ts';
import { EXIT } from '../exit-codes.ts';
import { printList } from '../listing.ts';
import { type PolicySetting, sourcedPolicy } from '../policies.ts';
import { placesOf, SETTINGS_OPTIONS } from '../settings.ts';
import { loadSystemFile } from '../system-file.ts';
import { table } from '../table.ts';
import type { Terminal } from '../terminal.ts';
import { lengthOfTime } from '../time-text.ts';

export const policies = defineCommand({
  description:
    'Says how long calls between services may take, how often they are tried, and what protects the service that is called: of\n' +
    'one operation with the place that says so (the contract, a line of the configuration, or the default), of several in a table.',
  args: [{ name: 'OPERATION', description: 'SERVICE.OPERATION, or SERVICE for all of its operations', isOptional: true }],
  options: {
    ...SETTINGS_OPTIONS,
    system: { type: 'string', value: 'FILE', description: 'The file that exports the system (required)' },
  },
  examples: ['flotilla policies orders.place --system system.ts', 'flotilla policies --system system.ts --profile prod'],
  json:
    'One line per operation: {"operation":…,"kind":…,"repeats":…,"settings":[{"setting":…,"value":…,"level":…,"where":…}]}; times\n' +
    '  are milliseconds, null is no bound.',
  run: async ({ args: [wanted], options, terminal, runtime }) => {
    if (options.system === undefined) throw wrongUsage('--system is missing: the file that exports the system');
    const system = await loadSystemFile(options.system);
    const { policiesOf, readSettings } = await import('flotilla/system');
    const { effectivePolicy } = await import('flotilla/client');
    const { definition } = system;
    const config = await readSettings(definition, { ...placesOf(system, options), runtime });
    const policy = config.section('policies', policiesOf(definition));
    const found = definition.services
      .flatMap(({ contract }) => operationsOf(contract))
      .filter(({ service, id }) => wanted === undefined || wanted === service || wanted === id)
      .map((operation) => policyOf(operation, sourcedPolicy(operation, effectivePolicy(operation, policy), config)));
    if (found.length === 0) throw wrongUsage(`There is no operation '${wanted}'; 'flotilla policies --system FILE' lists all`);
    if (found[0]!.operation === wanted) terminal.answer(found[0], inFull(found[0]!, terminal.style));
    else printList(terminal, { items: found, heading, row: (one) => inShort(one, terminal.style), none: '' });
    return EXIT.good;
  },
});

interface OperationPolicy {
  readonly operation: string;
  readonly kind: Operation['kind'];
  /** Why a second try does no harm. */
  readonly repeats: string;
  readonly settings: readonly PolicySetting[];
}

function policyOf({ id, kind }: Operation, settings: readonly PolicySetting[]): OperationPolicy {
  const repeats =
    kind === 'query' ? 'freely, because it changes nothing' : 'with the same idempotency key, so that it happens once';
  return { operation: id, kind, repeats, settings };
}

type Style = Terminal['style'];
const heading = ['OPERATION', 'KIND', 'ONE TRY', 'IN ALL', 'TRIES', 'BREAKER OPENS AT', 'AT ONCE', 'SET BY'];

function inShort({ operation, kind, settings }: OperationPolicy, style: Style): string[] {
  const text = (setting: string): string => {
    const found = settings.find((one) => one.setting === setting);
    return found ? valueText(found) : '';
  };
  const ratio = settings.find(({ setting }) => setting === 'breaker.failureRatio')?.value;
  const tries = text('retry.attempts') || text('hedge.attempts');
  const levels = [...new Set(settings.map(({ level }) => level))].filter((level) => level !== 'default');
  return [
    operation,
    kind,
    text('timeout.attempt') || 'no bound',
    text('timeout.total') || 'no bound',
    tries || '1',
    typeof ratio === 'number' ? `${ratio * 100} %` : 'never',
    text('bulkhead.limit') || 'any number',
    style('dim', levels.join(', ') || 'defaults'),
  ];
}

function inFull({ operation, kind, repeats, settings }: OperationPolicy, style: Style): string {
  const rows = settings.map((one) => {
    const origin = one.level === 'default' ? 'default' : `${one.level}: ${one.where ?? ''}`;
    return [one.setting, style('bold', valueText(one)), style('dim', origin)];
  });
  return [`${style('bold', operation)}, a ${kind}, is repeated ${repeats}.`, ...table(rows).map((line) => `  ${line}`)].join(
    '\n',
  );
}

const TIMES = /\.(?:attempt|total|delay|maxDelay|window|openFor|maxOpenFor|maxProbing)$/;

function valueText({ setting, value }: PolicySetting): string {
  if (value === null) return 'no bound';
  if (value === false) return 'off';
  if (typeof value === 'number') return TIMES.test(setting) ? lengthOfTime(value) : String(value);
  return Array.isArray(value) ? value.join(', ') : JSON.stringify(value);
}
