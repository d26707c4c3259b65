import { spawn } from 'node:child_process';
import type { Socket } from 'node:net';

/** Waits until its input ends, which it does when the process at the other end is gone, however it went. */
const SCRIPT = `
  read -r _
  pid=$(head -n 1 "$1/$2" 2>/dev/null)
  if [ -n "$pid" ]; then
    kill -QUIT "$pid"
    kill -CONT "$pid"
    while kill -0 "$pid" 2>/dev/null; do sleep 0.1; done
  fi
  rm -rf "$1"`;

/** Sees to it that a server, by the file in its folder that holds its process id, does not outlive this process, even when it is killed. Dispose it when both are gone. */
export function startUndertaker(folder: string, pidFile: string): Disposable {
  // In a group of its own: a signal to the group of this process must not reach it.
  const undertaker = spawn('sh', ['-c', SCRIPT, 'sh', folder, pidFile], { stdio: ['pipe', 'ignore', 'ignore'], detached: true });
  undertaker.unref();
  // A pipe to a child is a socket, whatever the types say.
  (undertaker.stdin as Socket).unref();
  undertaker.stdin.on('error', () => undefined);
  return { [Symbol.dispose]: () => void undertaker.kill() };
}
