import type { StandardJSONSchemaV1, StandardSchemaV1 } from '@standard-schema/spec';

/** What the configuration says under `infrastructure`. */
export interface InfrastructureSettings {
  /** `sqlite` in the data folder, or the URL of a database server. */
  readonly store: string;
  /** `direct`, or the URL of a broker. */
  readonly bus: string;
  /** The secret that the parts of the system know each other by; made in the data folder unless given. */
  readonly systemKey?: string | undefined;
  /** Address of this machine at which processes elsewhere reach this one; loopback unless said. */
  readonly internalHost?: string | undefined;
}

/** Short names, in the environment, of what differs from machine to machine. */
export const INFRASTRUCTURE_VARIABLES = {
  FLOTILLA_STORE: 'infrastructure.store',
  FLOTILLA_BUS: 'infrastructure.bus',
  FLOTILLA_SYSTEM_KEY: 'infrastructure.systemKey',
  FLOTILLA_INTERNAL_HOST: 'infrastructure.internalHost',
} as const;

const TEXT = { type: 'string' };
const JSON_SCHEMA = {
  type: 'object',
  properties: { store: TEXT, bus: TEXT, systemKey: { ...TEXT, secret: true }, internalHost: TEXT },
  additionalProperties: false,
};
/** 32 random bytes are more than this in any notation; what is shorter was thought up. */
const KEY_LENGTH = 32;
/** One can listen there, but nobody can be sent there. */
const WILDCARDS: ReadonlySet<string> = new Set(['0.0.0.0', '::', '[::]']);
const URL_START = /^[a-z][a-z0-9+.-]*:\/\//;

/** The schema of `infrastructure` in a system's configuration. */
export const infrastructureSchema: StandardSchemaV1<Partial<InfrastructureSettings>, InfrastructureSettings> &
  StandardJSONSchemaV1<Partial<InfrastructureSettings>, InfrastructureSettings> = {
  '~standard': {
    version: 1,
    vendor: 'flotilla',
    validate,
    jsonSchema: { input: () => JSON_SCHEMA, output: () => JSON_SCHEMA },
  },
};

/** Names and types were checked by the JSON Schema before. */
function validate(value: unknown): StandardSchemaV1.Result<InfrastructureSettings> {
  const { store = 'sqlite', bus = 'direct', ...rest } = (value ?? {}) as Partial<InfrastructureSettings>;
  const issues = [
    ...(store === 'sqlite' || URL_START.test(store)
      ? []
      : [issue('store', 'must be sqlite, or a URL such as postgres://host/db')]),
    ...(bus === 'direct' || URL_START.test(bus) ? [] : [issue('bus', 'must be direct, or a URL such as nats://host')]),
    ...(WILDCARDS.has(rest.internalHost ?? '')
      ? [issue('internalHost', 'must be an address at which others reach this machine')]
      : []),
    ...((rest.systemKey?.length ?? KEY_LENGTH) >= KEY_LENGTH ? [] : [issue('systemKey', `must have ${KEY_LENGTH} characters`)]),
  ];
  return issues.length > 0 ? { issues } : { value: { store, bus, ...rest } };
}

function issue(key: keyof InfrastructureSettings, message: string): StandardSchemaV1.Issue {
  return { path: [key], message };
}
