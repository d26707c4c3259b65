import { GUARDS } from './guards.ts';
import { mutations } from './mutations.ts';
import { openWorkshop } from './workshop.ts';

// Takes away one promise after the other from a copy of the repository; some test must notice each time.
//   npm run mutate [-- part of a name …]

const wanted = process.argv.slice(2);
const chosen = mutations.filter(({ name }) => wanted.length === 0 || wanted.some((part) => name.includes(part)));
const guards = [...new Set(chosen.map(({ caughtBy }) => caughtBy))];

await using workshop = await openWorkshop();
const broken: string[] = [];
const absent = new Set<string>();
for (const guard of guards) {
  const began = performance.now();
  const verdict = await workshop.examine(guard);
  line(
    { survives: 'sound', caught: 'BROKEN', hangs: 'HANGS', 'not run': 'not run' }[verdict],
    `${guard}: ${GUARDS[guard].files.join(' ')}`,
    began,
  );
  if (verdict === 'not run') absent.add(guard);
  else if (verdict !== 'survives') broken.push(guard);
}
for (const mutation of chosen.filter(({ caughtBy }) => !broken.includes(caughtBy) && !absent.has(caughtBy))) {
  const began = performance.now();
  const verdict = await workshop.examine(mutation.caughtBy, mutation);
  line(verdict === 'survives' ? 'SURVIVES' : verdict, `${mutation.name} (${mutation.caughtBy})`, began);
  if (verdict === 'survives') broken.push(mutation.name);
}
console.log(
  broken.length === 0
    ? `All ${chosen.length} are caught.`
    : `${broken.length} of ${chosen.length} need a test: ${broken.join('; ')}`,
);
process.exitCode = broken.length === 0 ? 0 : 1;

function line(verdict: string, what: string, began: number): void {
  console.log(`${verdict.padEnd(8)} ${((performance.now() - began) / 1_000).toFixed(1).padStart(6)} s  ${what}`);
}
