import { randomBytes } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { nodeCrypto as crypto } from '../std/testing/node-crypto.ts';
import { HmacKey } from '../std/hmac.ts';
import { encodeTails, LINK_HELLO, LINK_REPORT, LINK_STATE, LINK_WELCOME, linkFrameType } from '../wire/link-frame.ts'; // prettier-ignore
import { decodeGrant, decodeOffer, decodeReport, decodeSeek, decodeTell, encodeGrant, encodeOffer, encodeReport, encodeSeek, encodeTell, Grant, LinkOffer, LinkReport, TELL_LEAD_BYTES } from '../wire/link-report.ts'; // prettier-ignore
import { TreeLink } from './tree-link.ts';

const KEY = new HmacKey(crypto, new Uint8Array(32).fill(7));
const CHILD = '240ac4000002';
const PARENT = '240ac4000001';

/** Hands bytes over in pieces of these sizes; answers the types of the frames that came out. */
function feed(link: TreeLink, bytes: Uint8Array, pieces: readonly number[] = [64]): number[] {
  const types: number[] = [];
  let at = 0;
  for (let i = 0; at < bytes.length; i += 1) {
    const part = bytes.slice(at, at + pieces[i % pieces.length]!);
    at += part.length;
    for (let taken = 0; taken < part.length && !link.broken;) {
      taken += link.take(part, taken);
      for (let frame = link.next(100); frame !== null; frame = link.next(100))
        types.push(linkFrameType(frame));
    }
  }
  return types;
}

function pair(key = KEY): { child: TreeLink; parent: TreeLink } {
  return {
    child: new TreeLink(0, CHILD, PARENT, crypto, key, 0),
    parent: new TreeLink(1, PARENT, '', crypto, KEY, 0),
  };
}

const STATE = encodeTails([1], [5, 6]);

function greeted(pieces: readonly number[] = [64]): { child: TreeLink; parent: TreeLink } {
  const { child, parent } = pair();
  expect(feed(parent, child.hello(), pieces)).toEqual([LINK_HELLO]);
  expect(feed(child, parent.welcome(STATE, 1), pieces)).toEqual([LINK_WELCOME]);
  expect(feed(parent, child.seal(LINK_STATE, new Uint8Array(0), 2), pieces)).toEqual([LINK_STATE]);
  return { child, parent };
}

describe('a connection between child and parent', () => {
  it.each([[[1]], [[3, 7]], [[64]], [[1000]]])('is proven whatever the pieces: %j', (pieces) => {
    const { child, parent } = greeted(pieces);
    expect([child.isUp, parent.isUp, parent.key]).toEqual([true, true, CHILD]);
    const many = [1, 2, 3].map(() => parent.seal(LINK_REPORT, new Uint8Array(200), 3));
    expect(feed(child, new Uint8Array(many.flatMap((frame) => [...frame])), pieces)).toEqual([4, 4, 4]); // prettier-ignore
  });

  it('is over at a frame that is changed in any bit, doubled, left out, cut, or sent back to where it came from', () => {
    const frameBits = 8 * (14 + 7);
    for (let bit = 0; bit < frameBits; bit += 1) {
      const { child, parent } = greeted();
      const frame = parent.seal(LINK_STATE, STATE, 3);
      frame[bit >> 3]! ^= 1 << (bit & 7);
      // A size that is too large only waits for the rest, which the heartbeat's silence ends.
      const types = feed(child, frame);
      expect(types).toEqual([]);
      if (bit >= 16) expect(child.broken).toBe(true);
    }
    const doubled = greeted();
    const twice = doubled.parent.seal(LINK_STATE, STATE, 3);
    expect(feed(doubled.child, twice)).toEqual([LINK_STATE]);
    expect(feed(doubled.child, twice)).toEqual([]);
    expect(doubled.child.broken).toBe(true);
    const gap = greeted();
    gap.parent.seal(LINK_STATE, STATE, 3);
    expect(feed(gap.child, gap.parent.seal(LINK_STATE, STATE, 3))).toEqual([]);
    expect(gap.child.broken).toBe(true);
    const back = greeted();
    expect(feed(back.child, back.child.seal(LINK_STATE, STATE, 3))).toEqual([]);
    expect(back.child.broken).toBe(true);
  });

  it('goes on where a frame that found no memory was never sent', () => {
    let isFull = false;
    const full = {
      ...crypto,
      sha256: (...parts: Uint8Array[]): Uint8Array => {
        if (isFull) throw new Error('memory allocation failed');
        return crypto.sha256(...parts);
      },
    };
    const child = new TreeLink(0, CHILD, PARENT, full, new HmacKey(full, new Uint8Array(32).fill(7)), 0); // prettier-ignore
    const { parent } = pair();
    feed(parent, child.hello());
    feed(child, parent.welcome(STATE, 1));
    expect(feed(parent, child.seal(LINK_STATE, STATE, 2))).toEqual([LINK_STATE]);
    isFull = true;
    expect(() => child.seal(LINK_REPORT, STATE, 3)).toThrow('memory');
    expect(child.sentAtMs).toBe(2);
    isFull = false;
    expect(feed(parent, child.seal(LINK_REPORT, STATE, 4))).toEqual([LINK_REPORT]);
    expect([parent.broken, child.sentAtMs]).toEqual([false, 4]);
  });

  it('proves nothing to a recorded hello, and lets nobody in with another key', () => {
    const first = pair();
    const hello = first.child.hello();
    const parent = new TreeLink(2, PARENT, '', crypto, KEY, 0);
    expect(feed(parent, hello)).toEqual([LINK_HELLO]);
    expect(parent.isUp).toBe(false);
    const other = pair(new HmacKey(crypto, new Uint8Array(32).fill(8)));
    expect(feed(other.parent, other.child.hello())).toEqual([]);
    expect(other.parent.broken).toBe(true);
    // A parent that does not hold the key cannot answer, and a recorded answer fits no other nonce.
    const recorded = greeted();
    const again = new TreeLink(0, CHILD, PARENT, crypto, KEY, 0);
    expect(feed(again, recorded.parent.welcome(STATE, 1))).toEqual([]);
    expect([again.isUp, again.broken]).toEqual([false, true]);
  });

  it('is over at noise', () => {
    for (let round = 0; round < 200; round += 1) {
      const { child } = greeted();
      feed(child, new Uint8Array(randomBytes(300)));
      expect(child.broken).toBe(true);
    }
  });
});

describe('what travels about links', () => {
  it('comes back as it went, and is refused cut, with bytes to spare, or as noise', () => {
    const report = new LinkReport();
    report.tail = 0x123456;
    report.limit = 4;
    report.children = [1, 0xffffff];
    report.heard = new Uint8Array([1, 2, 3, 200, 4, 5, 6, 70]);
    const grant = new Grant();
    grant.moves = true;
    grant.candidate = 0xabcdef;
    grant.route = [9, 8];
    const release = new Grant();
    release.releases = true;
    release.candidate = 0xabcdef;
    release.route = [9];
    const offer = new LinkOffer();
    Object.assign(offer, { moves: true, slot: 3, candidate: CHILD, point: PARENT, boot: 77, subnet: 0x1234, path: [1, 2] }); // prettier-ignore
    const all: [Uint8Array, (bytes: Uint8Array) => unknown, unknown][] = [
      [encodeReport(report), decodeReport, report],
      [encodeGrant(grant), decodeGrant, grant],
      [encodeGrant(release), decodeGrant, release],
      [encodeOffer(offer), decodeOffer, offer],
      [encodeSeek([1, 2, 3]), decodeSeek, [1, 2, 3]],
    ];
    for (const [bytes, decode, value] of all) {
      expect(decode(bytes)).toEqual(value);
      expect(decode(new Uint8Array([...bytes, 0]))).toBeNull();
      for (let size = 0; size < bytes.length; size += 1) {
        const cut = decode(bytes.slice(0, size));
        // A report may end after any neighbour: TCP does not cut it there.
        if (decode !== decodeReport) expect(cut).toBeNull();
      }
      for (let round = 0; round < 500; round += 1) decode(new Uint8Array(randomBytes(round % 60)));
    }
  });

  it('is a plain grant, a move or a release by its first byte, as boards with earlier firmware read the first two', () => {
    const bytes = (flags: number): Uint8Array =>
      new Uint8Array([flags, 0xef, 0xcd, 0xab, 1, 9, 0, 0]);
    const kinds = [0, 1, 2].map((flags) => decodeGrant(bytes(flags))!);
    expect(kinds.map(({ moves, releases }) => [moves, releases])).toEqual([
      [false, false],
      [true, false],
      [false, true],
    ]);
    for (const [flags, grant] of kinds.entries()) expect(encodeGrant(grant)).toEqual(bytes(flags));
    for (const flags of [3, 4, 255]) expect(decodeGrant(bytes(flags))).toBeNull();
  });

  it('goes over the air to one neighbour as a report behind its tail, and nothing else there is taken for one', () => {
    const report = new LinkReport();
    report.tail = 0x123456;
    report.heard = new Uint8Array([1, 2, 3, 200]);
    const tell = encodeTell(0xfedcba, encodeReport(report));
    expect([...tell.subarray(0, TELL_LEAD_BYTES)]).toEqual([3, 0xba, 0xdc, 0xfe]);
    expect(decodeTell(tell)).toBe(0xfedcba);
    expect(decodeReport(tell.slice(TELL_LEAD_BYTES))).toEqual(report);
    expect(decodeSeek(tell) ?? decodeOffer(tell)).toBeNull();
    expect(decodeTell(tell.slice(0, TELL_LEAD_BYTES))).toBe(-1);
    expect(decodeTell(new Uint8Array(0))).toBe(-1);
    const offer = new LinkOffer();
    Object.assign(offer, { candidate: CHILD, point: PARENT });
    for (const other of [encodeSeek([1, 2, 3]), encodeOffer(offer)])
      expect(decodeTell(other)).toBe(-1);
  });
});
