import { system as defineSystem } from 'flotilla/system';
import { hopServices } from './hops.ts';

export const system = defineSystem('chain', { services: hopServices });
