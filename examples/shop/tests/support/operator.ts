import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';

const CLI = join(import.meta.dirname, '../../../../packages/cli/bin/flotilla.js');

/** What an operation answered: its output, or the code of its error. */
export type Outcome = { output: unknown } | { code: string };

/** Calls an operation of a running shop on the command line, as those who run it do. */
export async function operate(data: string, operation: string, input: unknown): Promise<Outcome> {
  const args = [CLI, 'call', operation, JSON.stringify(input), '--data', data, '--json'];
  try {
    const { stdout } = await promisify(execFile)(process.execPath, args);
    return { output: stdout.trim() === '' ? null : JSON.parse(stdout) };
  } catch (error) {
    // The command ends with an exit code, and with what went wrong as JSON on standard error.
    const said = JSON.parse((error as { stderr: string }).stderr) as { error: { code: string } };
    return { code: said.error.code };
  }
}

/** Runs the command line against a running shop; what it printed. Rejects when it fails. */
export async function runCli(data: string, ...args: string[]): Promise<string> {
  return (await promisify(execFile)(process.execPath, [CLI, ...args, '--data', data])).stdout;
}
