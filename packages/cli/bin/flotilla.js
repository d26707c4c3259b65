#!/usr/bin/env node
// Plain JavaScript that an old Node can read, so that it can say what is wrong instead of failing on the first type.
const [major] = process.versions.node.split('.').map(Number);

if (major < 24) {
  console.error(
    `flotilla needs Node 24 or newer and runs on ${process.versions.node} here. ` +
      'Install a newer Node, or add it to the project (npm install --save-dev node@24) and use npm scripts or npx.',
  );
  process.exitCode = 2;
} else {
  // Types are stripped and code is compiled once per machine, not at every start.
  const { enableCompileCache } = await import('node:module');
  enableCompileCache();
  const { quickenImports } = await import('../src/quick-imports.ts');
  quickenImports();
  const { main } = await import('../src/main.ts');
  process.exitCode = await main(process.argv.slice(2));
}
