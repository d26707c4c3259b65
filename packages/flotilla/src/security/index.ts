export { authorise, type Caller } from './access.ts';
export { anonymous, type Identity } from './identity.ts';
