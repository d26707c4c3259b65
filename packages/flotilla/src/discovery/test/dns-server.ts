import { createSocket } from 'node:dgram';
import { once } from 'node:events';

export type DnsRecord =
  | { readonly type: 'A'; readonly address: string }
  | { readonly type: 'SRV'; readonly priority: number; readonly weight: number; readonly port: number; readonly target: string };

const HEADER_BYTES = 12;
const TYPES = { A: 1, SRV: 33 };
const NXDOMAIN = 3;
const SERVFAIL = 2;

/** A name server for tests: gives the records of a name, NXDOMAIN for names it does not know, SERVFAIL while it is broken. */
export async function startDnsServer(records: Map<string, readonly DnsRecord[]>) {
  const socket = createSocket('udp4');
  const state = { broken: false, asked: 0 };
  socket.on('message', (query, { port, address }) => {
    state.asked += 1;
    const found = records.get(nameIn(query));
    const code = state.broken ? SERVFAIL : found ? 0 : NXDOMAIN;
    socket.send(answer(query, code, code === 0 ? found! : []), port, address);
  });
  socket.bind(0, '127.0.0.1');
  await once(socket, 'listening');
  return { server: `127.0.0.1:${socket.address().port}`, state, [Symbol.dispose]: () => void socket.close() };
}

function nameIn(query: Buffer): string {
  const labels: string[] = [];
  for (let at = HEADER_BYTES; query[at] !== 0; at += query[at]! + 1) {
    labels.push(query.toString('latin1', at + 1, at + 1 + query[at]!));
  }
  return labels.join('.');
}

function answer(query: Buffer, code: number, records: readonly DnsRecord[]): Buffer {
  const question = query.subarray(HEADER_BYTES, query.indexOf(0, HEADER_BYTES) + 5);
  const header = Buffer.alloc(HEADER_BYTES);
  query.copy(header, 0, 0, 2);
  header.writeUInt16BE(0x8180 | code, 2);
  header.writeUInt16BE(1, 4);
  header.writeUInt16BE(records.length, 6);
  return Buffer.concat([header, question, ...records.map(resource)]);
}

function resource(record: DnsRecord): Buffer {
  const data = record.type === 'A' ? Buffer.from(record.address.split('.').map(Number)) : service(record);
  const head = Buffer.alloc(12);
  head.writeUInt16BE(0xc000 | HEADER_BYTES, 0); // The name that was asked for.
  head.writeUInt16BE(TYPES[record.type], 2);
  head.writeUInt16BE(1, 4);
  head.writeUInt32BE(1, 6);
  head.writeUInt16BE(data.length, 10);
  return Buffer.concat([head, data]);
}

function service({ priority, weight, port, target }: DnsRecord & { type: 'SRV' }): Buffer {
  const numbers = Buffer.alloc(6);
  [priority, weight, port].forEach((value, index) => numbers.writeUInt16BE(value, index * 2));
  const labels = target.split('.').map((label) => Buffer.concat([Buffer.from([label.length]), Buffer.from(label)]));
  return Buffer.concat([numbers, ...labels, Buffer.from([0])]);
}
