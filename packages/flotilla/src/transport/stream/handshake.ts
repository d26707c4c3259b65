import { FlotillaError } from '../../kernel/index.ts';
import { commonVersion, PROTOCOL, VERSION } from './version.ts';

type Headers = Readonly<Record<string, string | undefined>>;

/** Where a process is asked for a stream connection. */
export const STREAM_PATH = '/$stream';
const VERSION_HEADER = 'flotilla-version';
/** The largest body that who sends it takes. */
const ACCEPTS_HEADER = 'flotilla-accepts';

/** What the two sides agreed on. */
export interface Agreement {
  readonly version: string;
  /** Bytes of the largest body that the other side takes. */
  readonly maxBodyBytes: number;
}

/** The headers with which a stream connection is asked for. */
export function askingHeaders(systemKey: string, maxBodyBytes: number): Record<string, string> {
  return {
    connection: 'Upgrade',
    upgrade: PROTOCOL,
    [VERSION_HEADER]: VERSION,
    [ACCEPTS_HEADER]: String(maxBodyBytes),
    'x-internal-key': systemKey,
  };
}

/** What was asked for, as the server understands it. Throws `UPGRADE_REFUSED` when there is no common version. */
export function readAsking(headers: Headers): Agreement {
  const agreement = readAgreement(headers);
  if (agreement) return agreement;
  const message = `This server speaks version ${VERSION} of the stream protocol. Use plain HTTP, or one that goes with it.`;
  throw new FlotillaError('UPGRADE_REFUSED', { kind: 'invalid', message });
}

/** The answer that switches the connection over. */
export function agreeingAnswer({ version }: Agreement, maxBodyBytes: number): string {
  const headers = ['connection: Upgrade', `upgrade: ${PROTOCOL}`, `${VERSION_HEADER}: ${version}`];
  return ['HTTP/1.1 101 Switching Protocols', ...headers, `${ACCEPTS_HEADER}: ${maxBodyBytes}`, '', ''].join('\r\n');
}

/** What the headers of either side say; undefined when the two can't talk. */
export function readAgreement(headers: Headers): Agreement | undefined {
  const version = commonVersion(headers[VERSION_HEADER]);
  const maxBodyBytes = Number(headers[ACCEPTS_HEADER]);
  return version !== undefined && maxBodyBytes > 0 ? { version, maxBodyBytes } : undefined;
}
