import { after, suite } from 'node:test';
import { journey } from './support/journey-suite.ts';
import type { OpenShop } from './support/open-shop.ts';
import { Parts } from './support/parts.ts';
import { openPlaces, withoutPlaces } from './support/servers.ts';
import { setbacks } from './support/setbacks-suite.ts';

/** `LONG=1` adds what takes its time. */
const LONG = process.env.LONG === '1';

suite('the shop on PostgreSQL and NATS, with a process for each service', { skip: withoutPlaces }, () => {
  const scope = new AsyncDisposableStack();
  after(() => scope.disposeAsync());
  let opening: Promise<Parts> | undefined;
  const start = async (): Promise<Parts> => {
    const { store, bus } = scope.use(await openPlaces());
    return scope.use(await Parts.open({ FLOTILLA_STORE: store, FLOTILLA_BUS: bus }));
  };
  /** One shop for all; it closes after the last. */
  const open = async (): Promise<OpenShop> => {
    const { url, data } = await (opening ??= start());
    return { url, data, [Symbol.asyncDispose]: () => Promise.resolve() };
  };
  suite('on good days', () => journey(open));
  suite('when something goes wrong', { skip: !LONG && 'takes a minute: LONG=1' }, () => setbacks(open));
});
