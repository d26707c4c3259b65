export type { Call, CallHandler, CallMetadata, Transport } from './call.ts';
export type { HttpHandler, HttpRequest, HttpResponse } from './http-message.ts';
export { type ListenerLimits, defaultLimits } from './http/limits.ts';
export { createListener, type Listener, type ListenerOptions } from './http/listener.ts';
export { normalisePath } from './http/path.ts';
export { errorFromProblem, type Problem, PROBLEM_TYPE, type ProblemOptions, problemResponse } from './http/problem.ts';
export { kindOfStatus, statusOf } from './http/status.ts';
