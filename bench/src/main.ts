import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { parseArgs } from 'node:util';
import type { BenchCase, Settings } from './case.ts';
import { cases } from './cases/index.ts';
import { chooseCases } from './choose.ts';
import { type Measured, measure } from './measure.ts';
import { asJson, asText, report } from './report.ts';
import { flagOf, flagsFor, leftAside, settingsOf } from './settings.ts';

const HELP = `npm run bench -- [NAME…] [--rounds N] [--seconds S] [--alone] [--json] [--save] [--list]

  NAME        cases to run; all when none is named; a prefix is enough: call
  --rounds N  measured rounds per case after one to warm up (default 5)
  --seconds S time measured for each contender, over all rounds together; each case has its standard
  --url URL   a database server to use instead of a private one
  --alone     without the peers
  --json      print JSON, with every round: one case is one object
  --save      also keep the JSON below bench/results/
  --list      name the cases, with the flags that they take and the standard values of these`;

const parameters = new Set(cases.flatMap(({ takes }) => Object.keys(takes).map(flagOf)));
const { values: flags, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string' },
    url: { type: 'string' },
    alone: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    save: { type: 'boolean', default: false },
    list: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
    'in-this-process': { type: 'boolean', default: false },
    ...Object.fromEntries([...parameters].map((flag) => [flag, { type: 'string' as const }])),
  },
});
const rounds = Number(flags.rounds);
// The flags of parameters are declared above as texts, by names that the type checker does not know.
const given = new Map(Object.entries(flags).filter(([flag]) => parameters.has(flag)) as [string, string][]);
const chosen = chooseCases(cases, positionals);

if (flags.help) console.log(HELP);
else if (flags.list) console.log(chosen.map(listed).join('\n'));
else if (chosen.length === 0 || !(rounds >= 1)) fail(`Nothing to run.\n\n${HELP}`);
else await (flags['in-this-process'] ? runHere(chosen[0]!) : runAll()).catch((error: Error) => fail(error.message));

function listed({ name, title, takes }: BenchCase): string {
  const taken = Object.entries(takes).map(([parameter, values]) => ` [--${flagOf(parameter)} ${values.join('|')}]`);
  return `${name}${taken.join('')}: ${title}`;
}

async function runAll(): Promise<void> {
  const runs = chosen.flatMap((one) => settingsOf(one, given).map((settings) => ({ name: one.name, settings })));
  for (const flag of leftAside(chosen, given)) process.stderr.write(`--${flag} is left aside: nothing chosen takes it.\n`);
  const measured: Measured[] = [];
  for (const { name, settings } of runs) {
    if (!flags.json) process.stderr.write(`${[name, ...flagsFor(settings)].join(' ')}…\n`);
    measured.push(await inChild(name, settings));
  }
  const result = report(measured);
  if (flags.save) await save(result.at, `${JSON.stringify(asJson(result), null, 2)}\n`);
  console.log(flags.json ? JSON.stringify(asJson(result)) : asText(result));
}

/** Each run gets a process of its own, so that none runs on code and memory shaped by those before it. */
async function inChild(name: string, settings: Settings): Promise<Measured> {
  const { seconds, url, alone } = flags;
  const shared = [...(seconds ? ['--seconds', seconds] : []), ...(url ? ['--url', url] : []), ...(alone ? ['--alone'] : [])];
  const arguments_ = [name, '--in-this-process', '--rounds', String(rounds), ...shared, ...flagsFor(settings)];
  const child = spawn(process.execPath, [import.meta.filename, ...arguments_], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [stdout, [code]] = await Promise.all([text(child.stdout), once(child, 'exit')]);
  if (code !== 0) throw new Error(`${name} failed`);
  return JSON.parse(stdout.trim().split('\n').at(-1)!) as Measured;
}

async function runHere(of: BenchCase): Promise<void> {
  const [settings] = settingsOf(of, given);
  const durationMs = flags.seconds === undefined ? of.durationMs : (Number(flags.seconds) * 1_000) / rounds;
  const conditions = { durationMs, url: flags.url, alone: flags.alone };
  console.log(JSON.stringify(await measure({ of, settings: settings!, conditions }, rounds)));
}

async function save(at: string, json: string): Promise<void> {
  const folder = join(import.meta.dirname, '../results');
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, `${at.slice(0, 19).replaceAll(/[:T]/g, '-')}.json`), json);
}

function fail(message: string): void {
  console.error(message);
  process.exitCode = 2;
}
