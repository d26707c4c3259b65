import { writeFile } from 'node:fs/promises';
import { nkeys } from '@nats-io/transport-node';

type KeyPair = ReturnType<typeof nkeys.createUser>;

const UNLIMITED = { subs: -1, data: -1, payload: -1 };
const ACCOUNT = { ...UNLIMITED, imports: -1, exports: -1, wildcards: true, conn: -1, leaf: -1 };
const JETSTREAM = { mem_storage: -1, disk_storage: -1, streams: -1, consumer: -1 };

/** The configuration of a server that trusts an operator, and a credentials file that the operator's account has given out. */
export async function underOperator(credentialsFile: string): Promise<string> {
  const [operator, system, account, user] = [
    nkeys.createOperator(),
    nkeys.createAccount(),
    nkeys.createAccount(),
    nkeys.createUser(),
  ];
  const accounts = [
    [system, token(operator, system, { type: 'account', limits: ACCOUNT })],
    [account, token(operator, account, { type: 'account', limits: { ...ACCOUNT, ...JETSTREAM } })],
  ] as const;
  await writeFile(credentialsFile, credentials(token(account, user, { type: 'user', ...UNLIMITED }), user));
  return [
    `operator: ${token(operator, operator, { type: 'operator' })}`,
    `system_account: ${system.getPublicKey()}`,
    'resolver: MEMORY',
    `resolver_preload { ${accounts.map(([key, jwt]) => `${key.getPublicKey()}: ${jwt}`).join('\n')} }`,
  ].join('\n');
}

/** A JWT of NATS: what the issuer says of the subject. */
function token(issuer: KeyPair, subject: KeyPair, claims: object): string {
  const names = { iss: issuer.getPublicKey(), sub: subject.getPublicKey(), name: 'test', jti: 'test', iat: 0 };
  const parts = [
    { typ: 'JWT', alg: 'ed25519-nkey' },
    { ...names, nats: { version: 2, ...claims } },
  ];
  const signed = parts.map((part) => base64Url(JSON.stringify(part))).join('.');
  return `${signed}.${base64Url(issuer.sign(Buffer.from(signed)))}`;
}

function credentials(jwt: string, user: KeyPair): string {
  const seed = Buffer.from(user.getSeed()).toString();
  return [
    '-----BEGIN NATS USER JWT-----',
    jwt,
    '------END NATS USER JWT------',
    '',
    '-----BEGIN USER NKEY SEED-----',
    seed,
    '------END USER NKEY SEED------',
    '',
  ].join('\n');
}

const base64Url = (bytes: string | Uint8Array): string => Buffer.from(bytes).toString('base64url');
