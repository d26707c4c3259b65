import { type NatsServer, startNats, withoutNatsServer } from '@flotilla/nats/testing';
import { freshDatabase, noPrivatePostgres, type PostgresServer, startPostgres } from '@flotilla/postgres/testing';

const GIVEN_URL = process.env.FLOTILLA_TEST_POSTGRES_URL;

/** Why servers can't be stopped and killed under a shop here, and how to get there, in one line; false when they can: nobody's but one's own. */
export const withoutServers: string | false = noPrivatePostgres || withoutNatsServer();
/** Why a shop on servers can't be tried here; false when it can. */
export const withoutPlaces: string | false = (GIVEN_URL === undefined && noPrivatePostgres) || withoutNatsServer();

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

/**
 * What a shop stands on that harms no server: databases on the one that `FLOTILLA_TEST_POSTGRES_URL` names, or a private one. The
 * broker is private always, because its streams are called after the system: they could be those of somebody else's shop.
 */
export async function openPlaces(): Promise<Pick<Servers, 'store' | 'bus'> & AsyncDisposable> {
  if (GIVEN_URL === undefined) return await openServers();
  await using opening = new AsyncDisposableStack();
  const { url } = opening.use(freshDatabase(GIVEN_URL, `shop_${process.pid}`));
  const nats = opening.use(await startNats());
  const opened = opening.move();
  return { store: url, bus: nats.url, [Symbol.asyncDispose]: () => opened.disposeAsync() };
}
