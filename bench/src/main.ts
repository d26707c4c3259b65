import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { parseArgs } from 'node:util';
import { cases } from './cases/index.ts';
import type { BenchCase } from './case.ts';
import { type Measured, measure } from './measure.ts';
import { asText, report } from './report.ts';

const HELP = `npm run bench -- [NAME…] [--rounds N] [--json] [--save] [--list]

  NAME        cases to run; all when none is named; a prefix is enough: call
  --rounds N  measured rounds per case after one to warm up (default 5)
  --json      print JSON, with every round
  --save      also keep the JSON below bench/results/
  --list      name the cases`;

const { values: flags, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rounds: { type: 'string', default: '5' },
    json: { type: 'boolean', default: false },
    save: { type: 'boolean', default: false },
    list: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h', default: false },
    'in-this-process': { type: 'boolean', default: false },
  },
});
const rounds = Number(flags.rounds);
const chosen = cases.filter(({ name }) => positionals.length === 0 || positionals.some((prefix) => name.startsWith(prefix)));

if (flags.help) console.log(HELP);
else if (flags.list) console.log(cases.map(({ name, title }) => `${name}: ${title}`).join('\n'));
else if (chosen.length === 0 || !(rounds >= 1)) fail(`Nothing to run.\n\n${HELP}`);
else if (flags['in-this-process']) console.log(JSON.stringify(await measure(chosen[0]!, rounds)));
else await runAll().catch((error: Error) => fail(error.message));

async function runAll(): Promise<void> {
  const measured: Measured[] = [];
  for (const one of chosen) {
    if (!flags.json) process.stderr.write(`${one.name}…\n`);
    measured.push(await inChild(one));
  }
  const result = report(measured);
  const json = `${JSON.stringify(result, null, 2)}\n`;
  if (flags.save) await save(result.at, json);
  console.log(flags.json ? json : asText(result));
}

/** Each case gets a process of its own, so that none runs on code and memory shaped by those before it. */
async function inChild({ name }: BenchCase): Promise<Measured> {
  const arguments_ = [import.meta.filename, name, '--in-this-process', '--rounds', String(rounds)];
  const child = spawn(process.execPath, arguments_, { stdio: ['ignore', 'pipe', 'inherit'] });
  const [stdout, [code]] = await Promise.all([text(child.stdout), once(child, 'exit')]);
  if (code !== 0) throw new Error(`${name} failed`);
  return JSON.parse(stdout.trim().split('\n').at(-1)!) as Measured;
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
