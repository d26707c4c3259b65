import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { test } from 'node:test';
import { connect } from '@nats-io/transport-node';
import { jetstreamManager } from '@nats-io/jetstream';
import { startNats, withoutNatsServer } from './index.ts';

const skip = withoutNatsServer();

test('a private server keeps its streams over a crash, and leaves nothing behind', { skip }, async () => {
  const server = await startNats();
  const first = await connect({ servers: server.url });
  await (await jetstreamManager(first)).streams.add({ name: 'kept', subjects: ['kept.>'] });
  await first.close();
  await server.kill();
  await server.restart();
  const second = await connect({ servers: server.url });
  assert.equal((await (await jetstreamManager(second)).streams.info('kept')).config.name, 'kept');
  await second.close();
  assert.ok(existsSync(server.folder));
  await server[Symbol.asyncDispose]();
  assert.ok(!existsSync(server.folder));
});

test('a server that can not start says why', { skip }, async () => {
  await assert.rejects(startNats({ config: 'no_such_setting: 1' }), /unknown field "no_such_setting"/);
});
