export { type ConsulApi, type ConsulApiOptions, createConsulApi } from './consul-api.ts';
