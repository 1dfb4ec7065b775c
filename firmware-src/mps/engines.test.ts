import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { runBoth } from '../../app/compiler/testing/run-both.ts';

const ROOT = join(import.meta.dirname, '..');

/**
 * A whole run of both machines, and the helpers under it, as a program of the subset. The primitives are a mixing function
 * of ours: MicroPython's WebAssembly port has no AES, and what is compared is the code above the primitives.
 */
const PROGRAM = `
import type { BlockCipher, Crypto } from './std/crypto.ts';
import { concatBytes } from './std/bytes.ts';
import { toBase64Url } from './std/base64url.ts';
import { fromBase64Url } from './std/base64url-decode.ts';
import { crc16 } from './std/crc16.ts';
import { macBytes, macText, toHex } from './std/hex.ts';
import { utf8Decode, utf8Encode } from './std/utf8.ts';
import { encodeBoardLine, jsonText } from './wire/console-line.ts';
import { ConsoleSigner, consoleKeyFor, encodeRequestLine, parseRequestLine } from './wire/request-line.ts';
import { decodeCredentials, encodeCredentials } from './wire/credentials.ts';
import { MpsNode } from './mps/node.ts';
import { MpsRegistrar } from './mps/registrar.ts';

function mix(parts: Uint8Array[]): Uint8Array {
  const result = new Uint8Array(32);
  let state = 0x1234567;
  let at = 0;
  for (const part of parts) {
    for (let i = 0; i < part.length; i++) {
      state = (state * 31 + part[i] + 7) & 0xffffff;
      result[at & 31] = (result[at & 31] + (state >> 8)) & 0xff;
      at += 1;
    }
  }
  for (let i = 0; i < 64; i++) {
    state = (state * 31 + result[i & 31] + 3) & 0xffffff;
    result[i & 31] = (result[i & 31] ^ (state >> 9)) & 0xff;
  }
  return result;
}
class MixCipher implements BlockCipher {
  private readonly key: Uint8Array;
  constructor(key: Uint8Array) { this.key = key; }
  encrypt(blocks: Uint8Array): Uint8Array {
    const result = new Uint8Array(blocks.length);
    for (let at = 0; at < blocks.length; at += 16) {
      result.set(mix([this.key, blocks.slice(at, at + 16)]).subarray(0, 16), at);
    }
    return result;
  }
}
class MixCrypto implements Crypto {
  private count: number = 0;
  sha256(...parts: Uint8Array[]): Uint8Array { return mix(parts); }
  aesEcb(key: Uint8Array): BlockCipher { return new MixCipher(key); }
  random(sizeBytes: number): Uint8Array {
    this.count += 1;
    return mix([new Uint8Array([this.count])]).slice(0, sizeBytes);
  }
}
const crypto = new MixCrypto();
const mac = macBytes('24:0a:c4:00:00:1f') ?? new Uint8Array(6);
const nodeKey = crypto.random(32);
const networkId = crypto.random(8);
const credentials = encodeCredentials({
  networkId: networkId, epoch: 3, networkKey: crypto.random(32), channel: 6, timing: 1, name: 'küche', zone: 'eg',
  previous: { epoch: 2, key: crypto.random(32), retired: false }, consoleKey: crypto.random(32), setupKey: null,
  router: { ssid: 'heim', password: 'geheim geheim' },
});
const decoded = decodeCredentials(credentials);
console.log('credentials', credentials.length, decoded === null ? 'none' : decoded.name, decodeCredentials(credentials.slice(0, 99)) === null);
console.log('text', toHex(utf8Encode('aä€')), utf8Decode(utf8Encode('aä€')) ?? 'none', toHex(utf8Encode(utf8Decode(new Uint8Array([0xf0, 0x9f, 0x98, 0x80])) ?? '')), utf8Decode(new Uint8Array([0xc0, 0x80])) === null);
console.log('base64', toBase64Url(mac), toHex(fromBase64Url('-_8') ?? new Uint8Array(0)), fromBase64Url('A') === null, crc16(mac, 6), macText(mac));
const signer = new ConsoleSigner(crypto, consoleKeyFor(crypto, nodeKey, mac), mac);
const line = encodeRequestLine({ t: 'reboot', id: 7, name: 'ü' }, signer, 41) ?? new Uint8Array(0);
console.log('request', toHex(line));
const request = parseRequestLine(line.slice(1, line.length - 1));
console.log('parsed', request === null ? 'none' : request.type, request !== null && request.verify(signer), request === null ? 0 : request.counter);
line[12] = line[12] ^ 1;
console.log('damaged', parseRequestLine(line.slice(1, line.length - 1)) === null);
console.log('board', toHex(encodeBoardLine('{"t":"log","level":"info","text":' + jsonText('ü\u0007"') + '}') ?? new Uint8Array(0)));

function run(title: string, registrarKey: Uint8Array, lost: number): void {
  const node = new MpsNode({ crypto: crypto, mac: mac, nodeKey: nodeKey, setupKey: null });
  const registrar = new MpsRegistrar({ crypto: crypto, networkId: networkId, mac: mac, nodeKey: registrarKey, setupKey: null, credentials: credentials });
  let sent = 0;
  let atMs = 0;
  registrar.open(atMs);
  node.open(atMs);
  while (atMs < 60000) {
    let busy = true;
    while (busy) {
      busy = false;
      const fromNode = node.poll();
      if (fromNode.kind === 'send') {
        busy = true;
        sent += 1;
        console.log(title, atMs, 'node', toHex(fromNode.bytes));
        if (sent !== lost) registrar.receive(fromNode.bytes, atMs);
      } else if (fromNode.kind === 'commit') {
        busy = true;
        console.log(title, atMs, 'commit', toHex(fromNode.credentials));
        node.committed(true, atMs);
      } else if (fromNode.kind === 'done') {
        busy = true;
        console.log(title, atMs, 'node done', toHex(fromNode.proof.transcript));
      } else if (fromNode.kind === 'failed') {
        busy = true;
        console.log(title, atMs, 'node failed', fromNode.code);
      }
      const fromRegistrar = registrar.poll();
      if (fromRegistrar.kind === 'send') {
        busy = true;
        sent += 1;
        console.log(title, atMs, 'registrar', toHex(fromRegistrar.bytes));
        if (sent !== lost) node.receive(fromRegistrar.bytes, atMs);
      } else if (fromRegistrar.kind === 'done') {
        busy = true;
        console.log(title, atMs, 'registrar done', toHex(fromRegistrar.proof.transcript), macText(fromRegistrar.proof.mac));
      } else if (fromRegistrar.kind === 'failed') {
        busy = true;
        console.log(title, atMs, 'registrar failed', fromRegistrar.code);
      }
    }
    atMs += 500;
    node.tick(atMs);
    registrar.tick(atMs);
  }
}
run('clean', nodeKey, 0);
run('lost', nodeKey, 4);
run('wrong', crypto.random(32), 0);
`;

it('gives the same messages, times and codes in V8 and in MicroPython', async () => {
  const files: Record<string, string> = { 'program.ts': PROGRAM };
  for (const folder of ['std', 'wire', 'mps']) {
    for (const name of readdirSync(join(ROOT, folder))) {
      if (!name.endsWith('.ts') || name.endsWith('.test.ts')) continue;
      files[`${folder}/${name}`] = readFileSync(join(ROOT, folder, name), 'utf8');
    }
  }
  const [outcome] = await runBoth([{ files, entry: 'program.ts' }]);
  expect(outcome!.result.diagnostics).toEqual([]);
  expect(outcome!.v8.error).toBe('');
  expect(outcome!.micropython).toEqual(outcome!.v8);
  const { output } = outcome!.v8;
  expect(output).toContain('registrar done');
  expect(output).toContain('registrar failed wrong-key');
}, 120_000);
