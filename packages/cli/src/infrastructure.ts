import type { ChooseInfrastructure, Infrastructure } from 'flotilla/system';
import { FlotillaError } from 'flotilla/kernel';

/**
 * Finds the drivers that the settings name by their URLs. They are packages of their own, so that nobody installs a driver of
 * what he does not use.
 */
export const chooseInfrastructure: ChooseInfrastructure = async ({ store, bus }) => {
  const { embedded } = await import('flotilla/system');
  return {
    openData: store === 'sqlite' ? embedded.openData : await dataAt(store),
    openBus: bus === 'direct' ? embedded.openBus : await busAt(bus),
  };
};

async function dataAt(url: string): Promise<Infrastructure['openData']> {
  if (!/^postgres(ql)?:/.test(url)) throw unknown('store', url, 'sqlite and postgres://…');
  const { postgresData } = await driver('@flotilla/postgres', () => import('@flotilla/postgres'));
  return postgresData({ url });
}

async function busAt(url: string): Promise<Infrastructure['openBus']> {
  if (!/^(nats|tls):/.test(url)) throw unknown('bus', url, 'direct, nats://… and tls://…');
  const { natsBus } = await driver('@flotilla/nats', () => import('@flotilla/nats'));
  return async ({ system, runtime, log }, { subscribers }) => natsBus({ url, system, subscribers, runtime, log });
}

/** Loads the package of a driver. Throws `DRIVER_MISSING` when it is not installed. */
export async function driver<TModule>(name: string, load: () => Promise<TModule>): Promise<TModule> {
  try {
    return await load();
  } catch (cause) {
    const { code, message = '' } = cause as Partial<NodeJS.ErrnoException>;
    if (code !== 'ERR_MODULE_NOT_FOUND' || !message.includes(`'${name}'`)) throw cause;
    throw new FlotillaError('DRIVER_MISSING', {
      kind: 'invalid',
      message: `This needs the package ${name}, which is not installed. Run: npm install ${name}`,
      cause,
    });
  }
}

/** An address may carry a password, so only its kind is said. */
function unknown(what: 'store' | 'bus', url: string, known: string): FlotillaError {
  return new FlotillaError('INFRASTRUCTURE_UNKNOWN', {
    kind: 'invalid',
    message: `There is no ${what} for '${url.slice(0, url.indexOf(':'))}://…'. There is: ${known}.`,
  });
}
