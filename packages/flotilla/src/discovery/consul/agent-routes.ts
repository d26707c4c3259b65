import type { Agent } from './agent.ts';
import { type Answer, done, json, Refused } from './answer.ts';
import type { ConsulParts, ConsulRequest } from './parts.ts';
import { readDefinition, worst } from './definition.ts';
import { checkShapes, serviceShape } from './shapes.ts';

const REPORTS = { pass: 'passing', warn: 'warning', fail: 'critical' } as const;

/** Answers `/v1/agent/…`. */
export async function answerAgent(request: ConsulRequest, parts: ConsulParts): Promise<Answer> {
  const { method, path, body, query } = request;
  const [, topic, act, ...rest] = path;
  const id = rest.join('/');
  const route = `${method} ${topic} ${act ?? ''}`.trim();
  if (route === 'PUT service register') return await register(body, parts);
  if (route === 'PUT service deregister') return await deregister(id, parts);
  if (method === 'PUT' && topic === 'check' && act !== undefined && Object.hasOwn(REPORTS, act)) {
    return await report(parts.agent, { id, status: REPORTS[act as keyof typeof REPORTS], note: query.get('note') ?? '' });
  }
  if (route === 'GET services') return json(services(parts));
  if (route === 'GET checks') return json(checks(parts));
  if (method === 'GET' && topic === 'service') return service([act, ...rest].join('/'), parts);
  if (route === 'GET self') return json(self(parts));
  throw new Refused(404, 'Invalid URL path: not a recognized HTTP API endpoint');
}

function services({ catalog }: ConsulParts) {
  return Object.fromEntries(catalog.entries().map((entry) => [entry.instance.id, serviceShape(entry)]));
}

function checks({ catalog, agent, node }: ConsulParts) {
  const list = catalog.entries().flatMap((entry) => checkShapes(entry, agent, node));
  return Object.fromEntries(list.map((check) => [check.CheckID, check]));
}

function service(id: string, { catalog }: ConsulParts): Answer {
  const entry = catalog.find(id);
  if (!entry) throw new Refused(404, `unknown service ID "${id}"`);
  return json(serviceShape(entry));
}

function self({ node }: ConsulParts) {
  const config = { Datacenter: node.datacenter, NodeName: node.name, Server: true, Version: '1.20.0' };
  return { Config: config, Member: { Name: node.name, Addr: node.address, Status: 1 }, Meta: {} };
}

async function register(body: Uint8Array | undefined, { registry, catalog, agent, runtime }: ConsulParts): Promise<Answer> {
  const definition = readDefinition(new TextDecoder().decode(body));
  // Consul's clients know no incarnations: the last word counts.
  const known = catalog.find(definition.facts.id)?.instance.epoch ?? 0;
  const epoch = Math.max(Math.floor(runtime.clock.now()), known);
  const checks = agent.withKnownStatus(definition.checks);
  const status = worst(checks.map(({ initial }) => initial));
  agent.adopt(await registry.register({ ...definition.facts, epoch, status, ttlMs: 'none' }), checks);
  return done();
}

async function deregister(id: string, { registry, catalog, agent }: ConsulParts): Promise<Answer> {
  const entry = catalog.find(id);
  if (!entry) throw new Refused(404, `Unknown service ID "${id}"`);
  agent.forget(id);
  await registry.deregister(entry.instance);
  return done();
}

async function report(
  agent: Agent,
  { id, status, note }: { id: string; status: 'passing' | 'warning' | 'critical'; note: string },
) {
  if (!(await agent.report(id, status, note))) throw new Refused(404, `Unknown check ID "${id}"`);
  return done();
}
