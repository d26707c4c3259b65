import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, test } from 'node:test';
import { promisify } from 'node:util';

const root = join(import.meta.dirname, '../..');

interface Case {
  name: string;
  file: string;
  code: string;
  /** The rule that must report, and the words its message must hold; absent when the code is fine. */
  report?: { rule: string; says?: RegExp };
}

const flotilla = (path: string): string => `packages/flotilla/src/${path}`;

const cases: Case[] = [
  // Time, chance and environment.
  ...[
    ['Date.now', 'export const a = Date.now();', 'no-restricted-properties', /runtime\.clock\.now/],
    ['performance.now', 'export const a = performance.now();', 'no-restricted-properties', /clock\.monotonic/],
    ['Math.random', 'export const a = Math.random();', 'no-restricted-properties', /runtime\.random\.next/],
    ['crypto.randomUUID', 'export const a = crypto.randomUUID();', 'no-restricted-properties', /runtime\.ids/],
    ['process.env', 'export const a = process.env.HOME;', 'no-restricted-properties', /runtime\.env/],
    ['AbortSignal.timeout', 'export const a = AbortSignal.timeout(1);', 'no-restricted-properties', /withTimeout/],
    ['AbortSignal.any', 'export const a = AbortSignal.any([]);', 'no-restricted-properties', /linkSignal/],
    ['setTimeout', 'setTimeout(() => undefined, 1);', 'no-restricted-globals', /clock\.timer/],
    ['setInterval', 'setInterval(() => undefined, 1);', 'no-restricted-globals', /clock\.timer/],
    ['new Date()', 'export const a = new Date();', 'no-ambient-date', /injected clock/],
    ['timers/promises', "export { setTimeout } from 'node:timers/promises';", 'no-restricted-imports', /sleep/],
    ['imported randomUUID', "import { randomUUID } from 'node:crypto';\nrandomUUID();", 'no-restricted-imports', /runtime\.ids/],
  ].map(([name, code, rule, says]) => ({
    name: `${name as string} outside kernel is refused and its replacement named`,
    file: flotilla(`log/ban-${(name as string).toLowerCase().replaceAll(/[^a-z]+/g, '-')}x.ts`),
    code: code as string,
    report: { rule: rule as string, says: says as RegExp },
  })),
  { name: 'a date made of a given time is fine', file: flotilla('log/date.ts'), code: 'export const a = new Date(0);' },
  { name: 'kernel may read the clock', file: flotilla('kernel/now.ts'), code: 'export const a = Date.now();' },
  { name: 'tests may read the clock', file: flotilla('log/now.test.ts'), code: 'export const a = Date.now();' },

  // Layers and front doors.
  {
    name: 'a capability may not import from a layer above its own',
    file: flotilla('contract/up.ts'),
    code: "import { service } from '../service/index.ts';\nservice;",
    report: { rule: 'imports', says: /'contract' may not know 'service'/ },
  },
  {
    name: 'a capability may not import from its own layer',
    file: flotilla('store/aside.ts'),
    code: "export type { Caller } from '../security/index.ts';",
    report: { rule: 'imports', says: /'store' may not know 'security'/ },
  },
  {
    name: 'an import by type expression counts too',
    file: flotilla('kernel/hidden.ts'),
    code: "export type A = import('../contract/index.ts').Contract;",
    report: { rule: 'imports', says: /'kernel' may not know 'contract'/ },
  },
  {
    name: 'a capability imports others through their index.ts only',
    file: flotilla('contract/side-door.ts'),
    code: "import { durationMs } from '../kernel/duration.ts';\ndurationMs('1s');",
    report: { rule: 'imports', says: /through its index\.ts/ },
  },
  {
    name: 'only tests import testing',
    file: flotilla('service/cheat.ts'),
    code: "export { fakeClock } from '../testing/index.ts';",
    report: { rule: 'imports', says: /for tests only/ },
  },
  {
    name: 'a test may import testing and layers above',
    file: flotilla('log/up.test.ts'),
    code: "export type { Service } from '../service/index.ts';\nexport type { Suite } from '../testing/index.ts';",
  },
  {
    name: 'imports down the layers pass',
    file: flotilla('service/down.ts'),
    code: "export type { Store } from '../store/index.ts';",
  },
  {
    name: 'a capability nobody placed in the order is refused',
    file: flotilla('log/lost.ts'),
    code: "export type { Thing } from '../attic/index.ts';",
    report: { rule: 'imports', says: /attic/ },
  },

  // Other packages and applications.
  {
    name: 'what tests of another package share may import testing',
    file: 'packages/nats/src/testing/broker.ts',
    code: "export { freePort } from 'flotilla/testing';",
  },
  {
    name: 'the rest of another package may not',
    file: 'packages/nats/src/broker.ts',
    code: "export { freePort } from 'flotilla/testing';",
    report: { rule: 'imports', says: /for tests only/ },
  },
  {
    name: 'a service may not reach into another service',
    file: 'examples/shop/services/orders/thief.ts',
    code: "export { stock } from '../inventory/stock.ts';",
    report: { rule: 'imports', says: /its own files and the contracts only/ },
  },
  {
    name: 'a service may use contracts and its own files',
    file: 'examples/shop/services/orders/honest.ts',
    code: "export { inventory } from '../../contracts/inventory.ts';\nexport { order } from './order.ts';",
  },
  {
    name: 'a contract may not import a service',
    file: 'examples/shop/contracts/leak.ts',
    code: "export { stock } from '../services/inventory/stock.ts';",
    report: { rule: 'imports', says: /contracts hold promises/ },
  },
  {
    name: 'an application uses public subpaths only',
    file: 'examples/shop/private.ts',
    code: "export { x } from '../../packages/flotilla/src/kernel/abort.ts';\n",
    report: { rule: 'imports', says: /public subpaths/ },
  },
  {
    name: 'an application may not make up subpaths',
    file: 'examples/shop/invented.ts',
    code: "export { x } from 'flotilla/kernel/abort';",
    report: { rule: 'imports', says: /no public subpath/ },
  },

  // Shape.
  {
    name: 'a promise nobody watches is refused',
    file: flotilla('log/floating.ts'),
    code: 'async function work(): Promise<void> {}\nexport function go(): void {\n  work();\n}',
    report: { rule: 'no-floating-promises' },
  },
  {
    name: 'a promise where a condition belongs is refused',
    file: flotilla('log/misused.ts'),
    code: 'async function ready(): Promise<boolean> {\n  return true;\n}\nexport const go = (): number => (ready() ? 1 : 2);',
    report: { rule: 'no-misused-promises' },
  },
  {
    name: 'awaiting what is no promise is refused',
    file: flotilla('log/thenable.ts'),
    code: 'export async function go(): Promise<number> {\n  return (await 1) + 1;\n}',
    report: { rule: 'await-thenable' },
  },
  {
    name: 'a switch that forgets a case is refused',
    file: flotilla('log/switch.ts'),
    code: "export function go(to: 'a' | 'b'): number {\n  switch (to) {\n    case 'a':\n      return 1;\n  }\n  return 2;\n}",
    report: { rule: 'switch-exhaustiveness-check' },
  },
  {
    name: 'any is refused',
    file: flotilla('log/any.ts'),
    code: 'export const go = (value: any): unknown => value;',
    report: { rule: 'no-explicit-any' },
  },
  {
    name: 'loose equality is refused',
    file: flotilla('log/eq.ts'),
    code: 'export const go = (a: number): boolean => a == 1;',
    report: { rule: 'eqeqeq' },
  },
  {
    name: 'export * is refused',
    file: flotilla('log/star.ts'),
    code: "export * from './floating.ts';",
    report: { rule: 'no-export-all' },
  },
  {
    name: 'a default export is refused',
    file: flotilla('log/default.ts'),
    code: 'export default 1;',
    report: { rule: 'no-default-export' },
  },
  { name: 'a system file may export a default', file: 'examples/shop/system.ts', code: 'export default 1;' },
  {
    name: 'a file of more than 400 lines is refused',
    file: flotilla('log/long.ts'),
    code: Array.from({ length: 401 }, (_, line) => `export const line${line} = ${line};`).join('\n'),
    report: { rule: 'max-lines' },
  },
  {
    name: 'a fourth parameter is refused',
    file: flotilla('log/params.ts'),
    code: 'export const go = (a: 1, b: 1, c: 1, d: 1): unknown => [a, b, c, d];',
    report: { rule: 'max-params' },
  },
  {
    name: 'an import cycle is refused',
    file: flotilla('log/cycle-a.ts'),
    code: "import { b } from './cycle-b.ts';\nexport const a = (): number => b() + 1;",
    report: { rule: 'no-cycle' },
  },
  {
    name: 'the other half of that cycle too',
    file: flotilla('log/cycle-b.ts'),
    code: "import { a } from './cycle-a.ts';\nexport const b = (): number => a() + 1;",
    report: { rule: 'no-cycle' },
  },
];

interface Diagnostic {
  code: string;
  message: string;
  help?: string;
  filename: string;
}

let folder: string;
let diagnostics: Diagnostic[];

// All cases are linted in one run, as files of one copy of the tree.
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'flotilla-lint-'));
  for (const shared of ['.oxlintrc.json', 'tsconfig.json', 'node_modules', 'scripts']) {
    await symlink(join(root, shared), join(folder, shared));
  }
  for (const { file, code } of cases) {
    await mkdir(dirname(join(folder, file)), { recursive: true });
    await writeFile(join(folder, file), code);
  }
  diagnostics = await lint();
});

after(() => rm(folder, { recursive: true }));

async function lint(): Promise<Diagnostic[]> {
  const arguments_ = [join(root, 'node_modules/oxlint/bin/oxlint'), '--format=json', 'packages', 'examples'];
  // oxlint ends with 1 when it reports something, which is what most cases ask for.
  const { stdout } = await promisify(execFile)(process.execPath, arguments_, { cwd: folder, maxBuffer: 1e8 }).catch(
    (error: { stdout: string }) => error,
  );
  return (JSON.parse(stdout) as { diagnostics: Diagnostic[] }).diagnostics;
}

for (const { name, file, report } of cases) {
  test(name, () => {
    const found = diagnostics.filter(({ filename }) => filename === file);
    const shown = found.map(({ code, message, help }) => `${code}: ${message} ${help ?? ''}`);
    if (report === undefined) return assert.deepEqual(shown, []);
    const match = shown.find((line) => line.includes(`(${report.rule})`) && (report.says?.test(line) ?? true));
    assert.ok(match, `${report.rule} did not report; reported were: ${shown.join('\n') || 'nothing'}`);
  });
}
