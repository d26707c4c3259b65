import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { test } from 'node:test';
import { isFlotillaError } from '../kernel/index.ts';
import { parseGatewayConfig } from './config.ts';

const services = ['users', 'catalog', 'orders', 'payments'];
const parse = (text: string) => parseGatewayConfig(text, 'gateway.yaml', { services });

function problemsOf(text: string): string {
  try {
    parse(text);
  } catch (error) {
    assert.ok(isFlotillaError(error));
    assert.equal(error.code, 'INVALID_GATEWAY_CONFIG');
    return error.message;
  }
  assert.fail('the configuration was accepted');
}

/** One route with these lines, after a good one. */
const withRoute = (...lines: string[]): string =>
  [
    'routes:',
    '  - { path: /first, service: users }',
    ...lines.map((line, index) => `${index === 0 ? '  - ' : '    '}${line}`),
  ].join('\n');

test('a whole configuration is read, with its defaults filled in', () => {
  const config = parse(`
strip_prefix: /api
trusted_hops: 1
auth: { issuer: https://shop, audience: shop, jwks: { service: users, path: /jwks } }
routes:
  - path: /api/products/*
    service: catalog
    methods: [GET]
    rate_limit: 1000/hour
    cache_ttl: 30
  - path: /api/orders/{id}
    service: orders
    auth_required: true
    cache_ttl: 500ms
    timeout: 5s
  - path: /status/page
    service: catalog
`);
  assert.deepEqual(config, {
    auth: { issuer: 'https://shop', audience: 'shop', jwks: { service: 'users', path: '/jwks' } },
    trustedHops: 1,
    routes: [
      {
        path: '/api/products/*',
        segments: [{ kind: 'static', text: 'api' }, { kind: 'static', text: 'products' }, { kind: 'wildcard' }],
        service: 'catalog',
        methods: ['GET'],
        authRequired: false,
        rateLimit: { limit: 1000, windowMs: 3_600_000 },
        cacheTtlMs: 30_000,
        timeoutMs: 15_000,
        stripPrefix: '/api',
      },
      {
        path: '/api/orders/{id}',
        segments: [
          { kind: 'static', text: 'api' },
          { kind: 'static', text: 'orders' },
          { kind: 'param', name: 'id' },
        ],
        service: 'orders',
        methods: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'],
        authRequired: true,
        rateLimit: undefined,
        cacheTtlMs: 500,
        timeoutMs: 5_000,
        stripPrefix: '/api',
      },
      {
        path: '/status/page',
        segments: [
          { kind: 'static', text: 'status' },
          { kind: 'static', text: 'page' },
        ],
        service: 'catalog',
        methods: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'],
        authRequired: false,
        rateLimit: undefined,
        cacheTtlMs: undefined,
        timeoutMs: 15_000,
        stripPrefix: '',
      },
    ],
  });
});

test('everything wrong is listed at once, each with its line', () => {
  const message = problemsOf(`
strip_prefx: /api
auth:
  issuer: https://shop
  jwks: { service: user, path: /jwks }
routes:
  - path: /api/products/*
    service: catlog
    methods: [get, FETCH]
    rate_limit: 1000/fortnight
  - path: /api/{a}-{b}
    service: orders
    cache_ttl: -1
    timeout: 5
  - path: /api/orders/{id}
    service: orders
    methods: [GET, DELETE]
  - path: /api/orders/{order}
    service: payments
    methods: [GET, POST]
  - path: /health
    service: users
  - path: products
  - /api/users
`);
  assert.equal(
    message,
    [
      "The gateway's configuration has 14 problems:",
      "  gateway.yaml:2: strip_prefx: is not known here; did you mean 'strip_prefix'?",
      "  gateway.yaml:3: auth: 'audience' is missing.",
      "  gateway.yaml:5: auth.jwks.service: 'user' is not a service of this system. Did you mean 'users'? Known: catalog, orders, payments, users.",
      "  gateway.yaml:8: routes[0].service: 'catlog' is not a service of this system. Did you mean 'catalog'? Known: catalog, orders, payments, users.",
      "  gateway.yaml:9: routes[0].methods: 'get' is not a method; write GET; 'FETCH' is not a method; known: GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS.",
      "  gateway.yaml:10: routes[0].rate_limit: '1000/fortnight' is not a rate. Write a whole number from 1 to 1e9 and second, minute, hour or day (or s, m, h, d): '1000/hour'.",
      "  gateway.yaml:11: routes[1].path: '/api/{a}-{b}' is not a path: a parameter is a whole segment and a plain name: '/{id}/'.",
      "  gateway.yaml:13: routes[1].cache_ttl: '-1' will not do; write a length of more than 0 and at most a year, or leave the key out.",
      "  gateway.yaml:14: routes[1].timeout: '5' will not do; write a duration with its unit, such as '5s'.",
      "  gateway.yaml:18: routes[3].path: '/api/orders/{order}' can never be reached for GET: the route on line 15 takes the same paths.",
      "  gateway.yaml:21: routes[4].path: '/health' can never be reached: the gateway answers it itself.",
      "  gateway.yaml:23: routes[5].path: 'products' is not a path: start it with a slash.",
      "  gateway.yaml:23: routes[5]: 'service' is missing.",
      '  gateway.yaml:24: routes[6]: write keys and values here: path, service, methods, auth_required, rate_limit, cache_ttl, timeout, strip_prefix.',
    ].join('\n'),
  );
});

test('the problems are there as data, too', () => {
  assert.throws(() => parse(withRoute('path: /x', 'service: nobody')), {
    details: {
      problems: [
        {
          file: 'gateway.yaml',
          line: 4,
          key: 'routes[1].service',
          message: "'nobody' is not a service of this system. Known: catalog, orders, payments, users.",
        },
      ],
    },
  });
});

test('bad rates, lifetimes, timeouts, methods and flags are refused', () => {
  const bad: Record<string, string[]> = {
    rate_limit: ['1000/fortnight', '0/hour', '-1/s', '1e3/hour', '10', 'null', '[1]', '{}'],
    cache_ttl: ['-1', '.nan', '.inf', '0', 'soon', '400d', 'true', '-5s', '[]'],
    timeout: ['0s', '-1s', '5', 'x', '.nan'],
    methods: ['GET', '[]', '[get]', '[TRACE]', '[GET, GET]', '[null]', '{ GET: 1 }'],
    auth_required: ['yes', '1', '"true"', 'null'],
    strip_prefix: ['api', '/other', '/x/{id}', '/x/*', '5'],
  };
  for (const [key, values] of Object.entries(bad)) {
    for (const value of values) {
      const message = problemsOf(
        `auth: { issuer: i, audience: a, jwks: { service: users, path: /k } }\n${withRoute('path: /x', 'service: users', `${key}: ${value}`)}`,
      );
      assert.match(message, new RegExp(`has one problem:\n  gateway\\.yaml:6: routes\\[1\\]\\.${key}: `), `${key}: ${value}`);
    }
  }
});

test('bad paths are refused, and patterns with regular expressions are bad paths', () => {
  const bad = [
    '',
    'x',
    '/x/',
    '//x',
    '/x//y',
    '/:id',
    '/:a-:b',
    '/{a}-{b}',
    '/{a}.json',
    '/{}',
    '/{a}/{a}',
    '/*/x',
    '/x*',
    '/*/*',
    '/../x',
    '/%2e',
    '/a b',
    '/(a+)+$',
    '/[ab]',
    '/x?y=1',
  ];
  for (const path of bad) {
    const message = problemsOf(withRoute(`path: ${JSON.stringify(path)}`, 'service: users'));
    assert.match(message, /has one problem:\n {2}gateway\.yaml:3: routes\[1\]\.path: /, path);
  }
});

test('a signed-in route needs somebody whose tokens are good', () => {
  assert.match(
    problemsOf(withRoute('path: /x', 'service: users', 'auth_required: true')),
    /:5: routes\[1\]\.auth_required: needs the section 'auth'/,
  );
});

test('keeping answers needs GET', () => {
  assert.match(
    problemsOf(withRoute('path: /x', 'service: users', 'methods: [POST]', 'cache_ttl: 5')),
    /:6: routes\[1\]\.cache_ttl: has no effect/,
  );
});

test('one path may have one route for each method, and overlapping paths are no conflict', () => {
  const config = parse(`
routes:
  - { path: /orders, service: orders, methods: [GET] }
  - { path: /orders, service: payments, methods: [POST] }
  - { path: '/orders/*', service: orders }
  - { path: '/orders/{id}', service: orders }
  - { path: '/*', service: catalog }
`);
  assert.equal(config.routes.length, 5);
});

test('what a service has for other parts of the system cannot be routed', () => {
  for (const path of ['/api/call', '/api/call/reserve', '/api/call/*', '/api/call/{operation}', '/api/Call/x']) {
    assert.match(
      problemsOf(`strip_prefix: /api\n${withRoute(`path: ${path}`, 'service: users')}`),
      /can never be reached: what a service has below '\/call'/,
      path,
    );
  }
});

test('without routes, or without anything, there is no gateway', () => {
  for (const text of ['', '[]', 'routes:', 'routes: []', 'routes: {}', 'just text']) problemsOf(text);
});

test('what is not YAML is refused with its line', () => {
  assert.throws(() => parse('routes:\n  - {path: /x'), { code: 'INVALID_YAML' });
});

test('the reference in the README is a configuration', async () => {
  const readme = await readFile(new URL('./README.md', import.meta.url), 'utf8');
  const yaml = /```yaml\n([^]*?)```/.exec(readme)![1]!;
  assert.equal(parse(yaml).routes.length, 2);
});
