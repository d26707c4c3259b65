export { authorise, type Caller } from './access.ts';
export { anonymous, type Identity } from './identity.ts';
export type { KeyFetcher } from './key-cache.ts';
export { hashPassword, type PasswordCheck, verifyPassword } from './passwords.ts';
export type { Algorithm } from './public-keys.ts';
export {
  createSigningKey,
  createTokenIssuer,
  publicJwks,
  type PublicJwks,
  type SigningKey,
  type TokenClaims,
  type TokenIssuer,
  type TokenIssuerOptions,
} from './tokens.ts';
export { createTokenVerifier, type TokenVerifier, type TokenVerifierOptions } from './verifier.ts';
