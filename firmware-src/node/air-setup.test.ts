import { describe, expect, it } from 'vitest';
import { v8Crypto } from '../../app/keys/crypto.ts';
import { seededRandom } from '../../app/base/random.ts';
import { toBase64Url } from '../std/base64url.ts';
import { fromBase64Url } from '../std/base64url-decode.ts';
import { macText, toHex } from '../std/hex.ts';
import { MpsRegistrar } from '../mps/registrar.ts';
import { ConsoleSigner } from '../wire/request-line.ts';
import { decodeCredentials, encodeCredentials } from '../wire/credentials.ts';
import { HOST_PART_BYTES, PartJoiner, splitParts } from '../wire/parts.ts';
import { SETUP_MAGIC, SETUP_PART } from '../wire/setup-frame.ts';
import { Press } from './press.ts';
import { bytesOf, NETWORK_ID, worldCredentials } from './small-world.ts';
import type { AirBoard } from './testing/air-bench.ts';
import { AirBench, SETUP_KEY } from './testing/air-bench.ts';

const MEMBER = worldCredentials(1, null);

function pair(): { bench: AirBench; joined: AirBoard; keyless: AirBoard } {
  const bench = new AirBench();
  const joined = bench.add({ credentials: MEMBER });
  const keyless = bench.add();
  bench.advance(1000);
  return { bench, joined, keyless };
}

/** A long credentials blob: it goes in two parts. */
const LONG = encodeCredentials({
  ...decodeCredentials(MEMBER)!,
  previous: { epoch: 0, key: bytesOf(32, 3), retired: false },
  router: { ssid: 'a router with a very long name', password: 'p'.repeat(63) },
});

const isSetup = (bytes: Uint8Array): boolean => bytes[0] === SETUP_MAGIC;

describe('the button', () => {
  /** Down for so long, with bouncing contacts at both ends; whether setup takes it. */
  function held(ms: number): boolean {
    const press = new Press();
    let taken = 0;
    for (let atMs = 0; atMs < 20_000; atMs += 10) {
      const bouncing = Math.abs(atMs - 1000) < 20 || Math.abs(atMs - 1000 - ms) < 20;
      const down = atMs >= 1000 && atMs < 1000 + ms;
      if (press.feed(bouncing && atMs % 20 === 0 ? !down : down, atMs)) taken += 1;
    }
    expect(taken).toBeLessThan(2);
    return taken === 1;
  }

  it('counts when held for 4.25 to 8.5 s, not for less, and not for more', () => {
    expect([100, 1000, 4000, 4150].map(held)).toEqual([false, false, false, false]);
    expect([4400, 6000, 8400].map(held)).toEqual([true, true, true]);
    expect([8650, 15_000].map(held)).toEqual([false, false]);
  });

  it('does nothing while it stays down, as a pin that is wired to something else does', () => {
    const press = new Press();
    for (let atMs = 0; atMs < 60_000; atMs += 10) expect(press.feed(true, atMs)).toBe(false);
  });
});

describe('two boards and their buttons', () => {
  it('make a keyless node a member: key, channel and timing of the network, its own name and zone', () => {
    const { bench, joined, keyless } = pair();
    bench.press(joined);
    bench.press(keyless);
    expect(bench.until(() => keyless.node.state === 'joined', 8000)).toBe(true);
    bench.advance(1000);
    const got = decodeCredentials(keyless.stored!)!;
    const has = decodeCredentials(MEMBER)!;
    expect(got).toMatchObject({ name: '', zone: '', consoleKey: null, setupKey: null, channel: 6 });
    expect(toHex(got.networkKey)).toBe(toHex(has.networkKey));
    expect([keyless.node.name, keyless.node.zone]).toEqual(['node 02', 'hall']);
    expect(joined.events('mps-admitted')).toMatchObject([{ mac: macText(keyless.mac) }]);
    expect(keyless.events('mps-done')).toHaveLength(1);
    expect(keyless.writes).toBe(1);
    expect(bench.until(() => keyless.node.network!.mesh.tree.isPlaced(), 6000)).toBe(true);
    expect(keyless.node.network!.mesh.tree.root).toBe(joined.node.network!.mesh.tree.root);
  });

  it('talk under ESP-NOW encryption, and each forgets the other afterwards', () => {
    const { bench, joined, keyless } = pair();
    bench.press(joined);
    bench.press(keyless);
    bench.until(() => keyless.node.state === 'joined', 8000);
    bench.advance(50_000);
    expect(joined.peers).toEqual([`${keyless.key} 32`]);
    expect(keyless.peers).toEqual([`${joined.key} 32`]);
    expect([joined.peer, keyless.peer]).toEqual(['', '']);
    const parts = bench.sent.filter(
      ({ frame }) => isSetup(frame.bytes) && frame.bytes[1] === SETUP_PART,
    );
    expect(parts.length).toBeGreaterThan(4);
    expect(parts.every(({ frame, secrets }) => frame.to !== '' && secrets.length === 64)).toBe(
      true,
    );
  });

  it('do it in either order, and one window serves one node after the other', () => {
    const bench = new AirBench();
    const keyless = [bench.add(), bench.add(), bench.add()];
    const joined = bench.add({ credentials: MEMBER });
    for (const board of keyless) bench.press(board);
    bench.advance(3000);
    bench.press(joined);
    expect(bench.until(() => keyless.every((board) => board.node.state === 'joined'), 40_000)).toBe(
      true,
    );
    bench.advance(100);
    expect(joined.events('mps-admitted')).toHaveLength(3);
  });

  it('show it with their lights, and only while the window is open', () => {
    const { bench, joined, keyless } = pair();
    bench.advance(5000);
    expect([joined.patterns.at(-1), keyless.patterns.at(-1)]).toEqual(['joined', 'searching']);
    bench.press(joined);
    bench.advance(20);
    expect(joined.patterns.at(-1)).toBe('setup');
    bench.press(keyless);
    bench.advance(20);
    expect(keyless.patterns.at(-1)).toBe('setup');
    bench.advance(50_000);
    expect([joined.patterns.at(-1), keyless.patterns.at(-1)]).toEqual(['joined', 'joined']);
  });

  it('do nothing with one press alone; the window ends after 45 s with a code', () => {
    for (const which of ['joined', 'keyless'] as const) {
      const boards = pair();
      const { bench } = boards;
      bench.press(boards[which]);
      bench.advance(44_000);
      expect(boards[which].patterns.at(-1)).toBe('setup');
      bench.advance(2000);
      expect(boards[which].events('mps-failed')).toMatchObject([{ code: 'no-answer' }]);
      expect(boards.keyless.node.state).toBe('keyless');
      const before = bench.sent.length;
      bench.advance(5000);
      expect(bench.sent.slice(before).filter(({ frame }) => isSetup(frame.bytes))).toEqual([]);
    }
  });

  it('outside of the window nothing unsigned is handled: it is counted as malformed', () => {
    const { bench, joined, keyless } = pair();
    bench.press(keyless);
    keyless.channel = 6;
    bench.advance(10_000);
    expect(joined.node.network!.gate.rejected.get('malformed')).toBeGreaterThan(0);
    expect(keyless.node.state).toBe('keyless');
    expect(bench.sent.some(({ from, frame }) => from === joined && isSetup(frame.bytes))).toBe(
      false,
    );
  });

  it('with different setup keys both say wrong-key, pause longer each time, and the right registrar still gets through', () => {
    const bench = new AirBench();
    const stranger = bench.add({ credentials: MEMBER, setupKey: bytesOf(32, 5) });
    const keyless = bench.add();
    bench.advance(1000);
    bench.press(stranger);
    bench.press(keyless);
    bench.advance(46_000);
    expect(keyless.events('mps-failed')).toMatchObject([{ code: 'wrong-key' }]);
    const failures = stranger.events('mps-failed');
    expect(failures.length).toBeGreaterThan(1);
    expect(failures.length).toBeLessThan(6);
    expect(failures[0]).toMatchObject({ code: 'wrong-key' });
    expect([keyless.node.state, keyless.writes]).toEqual(['keyless', 0]);
    const joined = bench.add({ credentials: MEMBER });
    bench.advance(1000);
    bench.press(stranger);
    bench.press(joined);
    bench.press(keyless);
    expect(bench.until(() => keyless.node.state === 'joined', 45_000)).toBe(true);
  });

  it('two registrars at once: one of them admits it', () => {
    const { bench, joined, keyless } = pair();
    const second = bench.add({ credentials: MEMBER });
    bench.advance(1000);
    for (const board of [joined, second, keyless]) bench.press(board);
    expect(bench.until(() => keyless.node.state === 'joined', 45_000)).toBe(true);
    bench.advance(50_000);
    const admitted = [joined, second].flatMap((board) => board.events('mps-admitted'));
    expect(admitted).toHaveLength(1);
    expect(keyless.writes).toBe(1);
  });

  it.each([1, 2, 3, 4])(
    'lost, doubled and reordered parts: joined, or not joined and once more (seed %i)',
    (seed) => {
      const random = seededRandom(seed);
      const bench = new AirBench();
      const joined = bench.add({ credentials: LONG });
      const keyless = bench.add();
      bench.advance(1000);
      bench.copies = () => (random.next01() < 0.35 ? 0 : random.next01() < 0.3 ? 2 : 1);
      bench.reversed = seed % 2 === 0;
      for (let round = 0; round < 4 && keyless.node.state !== 'joined'; round += 1) {
        bench.press(joined);
        bench.press(keyless);
        bench.advance(46_000);
        expect(keyless.stored === null).toBe(keyless.node.state === 'keyless');
      }
      expect(decodeCredentials(keyless.stored!)?.router?.password).toBe('p'.repeat(63));
      expect(keyless.writes).toBe(1);
    },
  );

  it('a reset of either side at any point leaves joined or not joined, and the next try joins', () => {
    for (const which of ['joined', 'keyless'] as const) {
      for (let atMs = 200; atMs < 2600; atMs += 70) {
        const boards = pair();
        const { bench, joined, keyless } = boards;
        bench.press(joined);
        bench.press(keyless);
        bench.advance(atMs);
        boards[which].reset(bench.nowMs);
        bench.advance(50);
        expect(keyless.node.state).toBe(keyless.stored === null ? 'keyless' : 'joined');
        if (keyless.node.state === 'joined') continue;
        bench.press(joined);
        bench.press(keyless);
        expect(bench.until(() => keyless.node.state === 'joined', 45_000)).toBe(true);
        bench.advance(46_000);
        expect([joined.peer, keyless.peer]).toEqual(['', '']);
      }
    }
  });

  it('a node that cannot store the credentials stays keyless, and both say why', () => {
    const { bench, joined, keyless } = pair();
    keyless.canStore = false;
    bench.press(joined);
    bench.press(keyless);
    bench.advance(46_000);
    expect(keyless.node.state).toBe('keyless');
    expect(keyless.events('mps-failed')).toMatchObject([{ code: 'commit-failed' }]);
    expect(joined.events('mps-failed')[0]).toMatchObject({ code: 'commit-failed' });
    expect([joined.peer, keyless.peer]).toEqual(['', '']);
  });

  it('a window that closes in the middle leaves not joined', () => {
    const { bench, joined, keyless } = pair();
    bench.press(joined);
    bench.advance(44_600);
    bench.press(keyless);
    bench.copies = ({ frame }) => (isSetup(frame.bytes) && frame.bytes[1] === SETUP_PART ? 0 : 1);
    bench.advance(60_000);
    expect(keyless.node.state).toBe('keyless');
    expect(keyless.events('mps-failed')).toHaveLength(1);
    expect([joined.peer, keyless.peer]).toEqual(['', '']);
  });

  it('a joined node without a setup key admits nobody and says so', () => {
    const bench = new AirBench();
    const joined = bench.add({ credentials: MEMBER, setupKey: null });
    bench.press(joined);
    bench.advance(100);
    expect(joined.patterns).not.toContain('setup');
    expect(joined.lines.some((line) => String(line['text']).includes('no setup key'))).toBe(true);
  });

  it('go by the setup key of the last rotation: a board that knows an older one is admitted no more', () => {
    const setupKey = bytesOf(32, 0x33);
    for (const [own, outcome] of [
      [setupKey, 'joined'],
      [SETUP_KEY, 'keyless'],
    ] as const) {
      const bench = new AirBench();
      const rotated = encodeCredentials({ ...decodeCredentials(MEMBER)!, setupKey });
      const joined = bench.add({ credentials: rotated });
      const board = bench.add({ setupKey: own });
      bench.advance(1000);
      bench.press(joined);
      bench.press(board);
      bench.advance(46_000);
      expect(board.node.state).toBe(outcome);
      if (outcome === 'keyless') {
        expect(joined.events('mps-failed')[0]).toMatchObject({ code: 'wrong-key' });
        expect(board.events('mps-failed')).toMatchObject([{ code: 'wrong-key' }]);
      }
    }
  });

  it('frames of any bytes during the window change nothing and break nothing', () => {
    const random = seededRandom(9);
    const { bench, joined, keyless } = pair();
    bench.press(joined);
    bench.press(keyless);
    bench.advance(60_000, () => {
      const bytes = Uint8Array.from({ length: 1 + random.int(250) }, () => random.int(256));
      bytes[0] = SETUP_MAGIC;
      if (bytes.length > 1) bytes[1] = random.int(5);
      for (const board of [joined, keyless]) {
        board.node.receiveFrame('240ac40000ff', -50, bytes, board.ms(bench.nowMs));
      }
    });
    expect(keyless.writes).toBeLessThan(2);
    expect([joined.peer, keyless.peer]).toEqual(['', '']);
  });
});

describe('the laptop and a board that is not plugged in', () => {
  const signerOf = (board: AirBoard): ConsoleSigner =>
    new ConsoleSigner(v8Crypto, bytesOf(32, 77), board.mac);

  /** Drives a registrar over the console of `joined`; the code it ended with. */
  function carry(bench: AirBench, joined: AirBoard, keyless: AirBoard): string {
    const registrar = new MpsRegistrar({
      crypto: v8Crypto,
      networkId: NETWORK_ID,
      mac: keyless.mac,
      nodeKey: keyless.nodeKey,
      setupKey: null,
      credentials: LONG,
    });
    const joiner = new PartJoiner();
    registrar.open(bench.nowMs);
    const opened = bench.ask(
      joined,
      'mps.open',
      { role: 'carry', mac: macText(keyless.mac) },
      signerOf(joined),
    );
    expect(opened).toMatchObject({ ok: true });
    let seen = joined.lines.length;
    for (let turn = 0; turn < 5000; turn += 1) {
      bench.advance(10);
      for (const line of joined.lines.slice(seen)) {
        if (line['t'] !== 'mps') continue;
        const data = fromBase64Url(String(line['data']))!;
        const whole = joiner.add(Number(line['part']), Number(line['parts']), data);
        if (whole !== null) registrar.receive(whole, bench.nowMs);
      }
      seen = joined.lines.length;
      registrar.tick(bench.nowMs);
      for (let output = registrar.poll(); output.kind !== 'wake'; output = registrar.poll()) {
        if (output.kind === 'done') return 'done';
        if (output.kind === 'failed') return output.code;
        if (output.kind !== 'send') continue;
        splitParts(output.bytes, HOST_PART_BYTES).forEach((bytes, part, all) => {
          bench.ask(joined, 'mps.payload', { data: toBase64Url(bytes), part, parts: all.length });
        });
      }
    }
    return 'never';
  }

  it('meet through a joined node, whatever setup keys the two have', () => {
    for (const setupKey of [SETUP_KEY, bytesOf(32, 6), null]) {
      const bench = new AirBench();
      const joined = bench.add({ credentials: MEMBER });
      const keyless = bench.add({ setupKey });
      bench.advance(1000);
      expect(bench.ask(keyless, 'mps.open', { role: 'ask' })).toMatchObject({ ok: true });
      expect(carry(bench, joined, keyless)).toBe('done');
      expect(decodeCredentials(keyless.stored!)?.router?.ssid).toContain('long name');
      const secretBytes = setupKey === SETUP_KEY ? 32 : 0;
      expect(keyless.peers).toEqual([`${joined.key} ${secretBytes}`]);
    }
  });

  it('a joined board carries for the administrator only, a keyless one not at all', () => {
    const { bench, joined, keyless } = pair();
    const fields = { role: 'carry', mac: macText(keyless.mac) };
    expect(bench.ask(joined, 'mps.open', fields)).toMatchObject({ error: 'unauthorised' });
    expect(bench.ask(joined, 'mps.open', { role: 'admit' })).toMatchObject({
      error: 'unauthorised',
    });
    expect(bench.ask(keyless, 'mps.open', fields)).toMatchObject({ error: 'not-joined' });
    expect(bench.ask(keyless, 'mps.open', { role: 'admit' })).toMatchObject({ error: 'bad-role' });
    const signer = signerOf(joined);
    expect(bench.ask(joined, 'mps.open', { role: 'carry', mac: 'x' }, signer)).toMatchObject({
      error: 'bad-mac',
    });
    expect(bench.ask(joined, 'mps.open', { role: 'ask' }, signer)).toMatchObject({
      error: 'bad-role',
    });
    expect(bench.ask(joined, 'mps.open', { role: 'admit' }, signer)).toMatchObject({ ok: true });
  });

  it('a board that was admitted by button lets the laptop open a handshake without a tag, and nothing else', () => {
    const { bench, joined, keyless } = pair();
    bench.press(joined);
    bench.press(keyless);
    bench.until(() => keyless.node.state === 'joined', 8000);
    expect(bench.ask(keyless, 'reboot', {})).toMatchObject({ error: 'no-admin-key' });
    expect(bench.ask(keyless, 'mps.open', {})).toMatchObject({ ok: true });
  });
});
