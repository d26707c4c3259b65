/** The gateway is started, stopped and asked how it is under this name, like a service. */
export const GATEWAY = 'gateway';
