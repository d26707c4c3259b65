import { type FreshDatabase, freshDatabase, startPostgres } from '@flotilla/postgres/testing';

/** Where contenders that work on PostgreSQL put their databases: next to each other on one server. */
export interface DatabasePlace extends AsyncDisposable {
  /** Each contender adds a name of its own to the path. */
  readonly url: string;
  readonly query: FreshDatabase['query'];
}

/** On the server that was named, or on a private one with the settings that PostgreSQL comes with: commits are flushed. */
export async function openDatabasePlace(given: string | undefined): Promise<DatabasePlace> {
  await using scope = new AsyncDisposableStack();
  const server = given ?? scope.use(await startPostgres()).url;
  const { url, query } = scope.use(freshDatabase(server, `bench_${process.pid}`));
  const opened = scope.move();
  return { url, query, [Symbol.asyncDispose]: () => opened.disposeAsync() };
}
