import { contract } from 'flotilla/contract';
import * as z from 'zod';
import { UserId } from './vocabulary.ts';

const Email = z.email().max(254).toLowerCase();
const Password = z.string().min(8).max(200);
const Role = z.enum(['customer', 'clerk']);

/** Who people are. The only service that knows addresses and passwords. */
export const users = contract('users', {
  version: '1.0.0',
  team: 'accounts',
  queries: {
    // A query, because it changes nothing; the answer to a command would be kept for those who repeat its key.
    signIn: {
      summary: 'Exchanges an email and a password for a token.',
      input: z.object({ email: Email, password: z.string().max(200) }),
      output: z.object({ token: z.string() }),
      errors: { WRONG_CREDENTIALS: { kind: 'unauthenticated', details: z.object({}) } },
      http: 'POST /sessions',
      access: 'public',
    },
    keys: {
      summary: 'The public keys that prove a token (RFC 7517).',
      input: z.object({}),
      output: z.object({ keys: z.array(z.record(z.string(), z.unknown())) }),
      http: 'GET /.well-known/jwks.json',
      access: 'public',
      cache: '5m',
    },
    contact: {
      summary: 'How to reach a user; null when there is no such user (any more).',
      input: z.object({ userId: UserId }),
      output: z.object({ name: z.string(), email: z.string() }).nullable(),
    },
  },
  commands: {
    register: {
      input: z.object({ email: Email, name: z.string().trim().min(1).max(100), password: Password }),
      output: z.object({ id: UserId }),
      errors: { EMAIL_TAKEN: z.object({ email: z.string() }) },
      http: { route: 'POST /users', status: 201 },
      access: 'public',
    },
    appoint: {
      summary: 'Gives a user another role, from the next sign-in on.',
      input: z.object({ email: Email, role: Role }),
      output: z.void(),
      errors: { NO_SUCH_USER: { kind: 'not-found', details: z.object({ email: z.string() }) } },
    },
  },
});
