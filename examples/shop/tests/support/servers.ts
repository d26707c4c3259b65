import { type NatsServer, startNats, withoutNatsServer } from '@flotilla/nats/testing';
import { noPrivatePostgres, type PostgresServer, startPostgres } from '@flotilla/postgres/testing';

/** Why a shop on servers can't be tried here and how to get there, in one line; false when it can. */
export const withoutServers: string | false = noPrivatePostgres || withoutNatsServer();

/** A database server and a broker of one's own, to stop and to kill. */
export interface Servers extends AsyncDisposable {
  readonly postgres: PostgresServer;
  readonly nats: NatsServer;
  /** What a shop stands on. */
  readonly store: string;
  readonly bus: string;
}

export async function openServers(): Promise<Servers> {
  await using opening = new AsyncDisposableStack();
  const postgres = opening.use(await startPostgres());
  const nats = opening.use(await startNats());
  const store = Object.assign(new URL(postgres.url), { pathname: '/shop' }).href;
  const opened = opening.move();
  return { postgres, nats, store, bus: nats.url, [Symbol.asyncDispose]: () => opened.disposeAsync() };
}
