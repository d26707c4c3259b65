export { findBinaries } from './binaries.ts';
export { noPooler, type Pooler, startPooler, type StartPoolerOptions } from './pooler.ts';
export { type Proxy, type ProxyOptions, startProxy } from './proxy.ts';
export { ordinaryUser, runProgram } from './ordinary-user.ts';
export { type PostgresServer, startPostgres, type StartPostgresOptions, type StopMode } from './server.ts';
export { freshDatabase, type FreshDatabase, noPrivatePostgres, type TestPostgres, usePostgres } from './use-postgres.ts';
