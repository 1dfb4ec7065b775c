import { describe, expect, it } from 'vitest';
import { Advert, FLAG_GONE } from '../wire/advert.ts';
import { type Ask, ASK_ADVERT, ASK_SIGN } from '../wire/ask.ts';
import { tailOf, writeU16, writeU24 } from '../wire/cells.ts';
import { Mesh } from './mesh.ts';
import { Profile } from './profile.ts';

const SELF_KEY = '24000000aa01';
const ROOT = '24000000aa02';
const CHILD = '24000000aa03';
const STRANGER = '24000000aa04';
const BOOT = 1;

/** The echo that says that its sender hears our present start. */
function echoOfSelf(): Uint8Array {
  const bytes = new Uint8Array(6);
  writeU24(bytes, 0, tailOf(SELF_KEY));
  writeU16(bytes, 3, BOOT);
  bytes[5] = 60;
  return bytes;
}

function full(parent: string, cost: number): Advert {
  const advert = new Advert();
  advert.isRoot = parent === '';
  advert.hops = parent === '' ? 0 : 2;
  advert.root = ROOT;
  advert.rootScore = 50;
  advert.rootBoot = 1;
  advert.rootSequence = 1;
  advert.cost = cost;
  advert.parent = parent;
  return advert;
}

/** Says that nothing changed since the full one under counter `base`, which was missed here. */
function short(base: number, cost: number): Advert {
  const advert = new Advert();
  advert.base = base;
  advert.cost = cost;
  advert.rootByte = tailOf(ROOT) & 0xff;
  return advert;
}

function asksOf(mesh: Mesh): Ask[] {
  const asks: Ask[] = [];
  for (let ask = mesh.takeAsk(); ask !== null; ask = mesh.takeAsk()) asks.push(ask);
  return asks;
}

/** One that hears the root well and is its child. */
function placed(): Mesh {
  const mesh = new Mesh(SELF_KEY, BOOT, new Profile(0));
  mesh.start(0);
  const advert = full('', 0);
  advert.echoes = echoOfSelf();
  mesh.hear(ROOT, 1, 1, -60, advert, 100);
  mesh.tick(200);
  expect(mesh.tree.parent).toBe(ROOT);
  asksOf(mesh);
  return mesh;
}

/** How often this neighbour is asked in a minute in which only its short adverts come, each three seconds. */
function askedIn(mesh: Mesh, key: string, rssiDbm: number, cost: number): number {
  let asked = 0;
  for (let i = 0; i < 20; i += 1) {
    mesh.hear(key, 1, 100 + i, rssiDbm, short(50, cost), 1000 + 3000 * i);
    asked += asksOf(mesh).filter((ask) => ask.answerer === key && ask.kind === ASK_ADVERT).length;
  }
  return asked;
}

/** A neighbour that hears us and once said so in full. */
function meet(mesh: Mesh, key: string, rssiDbm: number, parent: string, cost: number): void {
  const advert = full(parent, cost);
  advert.echoes = echoOfSelf();
  mesh.hear(key, 1, 10, rssiDbm, advert, 300);
}

describe('a neighbour’s full advert that was missed', () => {
  it('is asked for each time when the neighbour is our child', () => {
    const mesh = placed();
    meet(mesh, CHILD, -90, SELF_KEY, 100);
    expect(askedIn(mesh, CHILD, -90, 100)).toBe(20);
  });

  it('is asked for now and then when the link is good, for the neighbour may be needed one day', () => {
    const mesh = placed();
    meet(mesh, STRANGER, -60, ROOT, 32);
    const asked = askedIn(mesh, STRANGER, -60, 32);
    expect(asked).toBeGreaterThan(2);
    expect(asked).toBeLessThan(10);
  });

  it('is left alone when it comes from afar and promises nothing: most answers would be missed as well', () => {
    const mesh = placed();
    meet(mesh, STRANGER, -96, ROOT, 32);
    expect(askedIn(mesh, STRANGER, -96, 32)).toBeLessThan(3);
  });
});

describe('a full advert that is said again because somebody missed it', () => {
  it('serves who missed it, and those who had it need not ask in their turn', () => {
    const speaker = placed();
    const first = speaker.makeAdvert(10, 1000);
    expect(first.base).toBe(-1);
    expect(speaker.makeAdvert(11, 2000).base).toBe(10);
    speaker.handleAsk(CHILD, { kind: ASK_ADVERT, answerer: SELF_KEY, subjects: [] }, 2100);
    const again = speaker.makeAdvert(12, 2200);
    const after = speaker.makeAdvert(13, 3200);
    expect([again.base, after.base]).toEqual([-1, 10]);
    const hearing = (held: number): number => {
      const mesh = placed();
      const advert = full(ROOT, 32);
      advert.echoes = echoOfSelf();
      mesh.hear(STRANGER, 1, held, -60, advert, 1000);
      mesh.hear(STRANGER, 1, 13, -60, short(after.base, 40), 9000);
      expect(mesh.table.get(STRANGER)!.advert!.cost).toBe(asksOf(mesh).length === 0 ? 40 : 32);
      return mesh.counts.probes;
    };
    expect([hearing(10), hearing(12)]).toEqual([0, 0]);
    expect(hearing(9)).toBe(1);
  });

  it('is what later ones refer to when it says something new', () => {
    const speaker = placed();
    speaker.makeAdvert(10, 1000);
    speaker.infoHash = 7;
    speaker.handleAsk(CHILD, { kind: ASK_ADVERT, answerer: SELF_KEY, subjects: [] }, 1100);
    expect(speaker.makeAdvert(11, 1200).base).toBe(-1);
    expect(speaker.makeAdvert(12, 2200).base).toBe(11);
  });
});

describe('a child that was forgotten meanwhile', () => {
  it('is asked to show again that it hears us, and is ours as soon as it does', () => {
    const mesh = placed();
    const claim = full(SELF_KEY, 100);
    mesh.hear(CHILD, 1, 10, -80, claim, 1000);
    // Others told that it hangs below us.
    mesh.table.applyRelayed(recordOf(CHILD, SELF_KEY), 0, 1100);
    mesh.tick(2000);
    const [ask] = asksOf(mesh);
    expect(ask).toMatchObject({ kind: ASK_SIGN, answerer: CHILD });
    claim.echoes = echoOfSelf();
    mesh.hear(CHILD, 1, 20, -80, claim, 2100);
    mesh.tick(3000);
    expect(asksOf(mesh)).toEqual([]);
    expect(mesh.table.get(CHILD)!.twoWay()).toBe(true);
  });

  it('shows it when it is asked: the next advert of who is asked names the asker', () => {
    const mesh = placed();
    for (let i = 0; i < 5; i += 1) mesh.makeAdvert(10 + i, 1000 + i);
    meet(mesh, CHILD, -80, ROOT, 32);
    meet(mesh, STRANGER, -80, ROOT, 32);
    for (let i = 0; i < 6; i += 1) mesh.makeAdvert(20 + i, 2000 + i);
    const named = (): boolean[] =>
      [30, 31, 32].map((sequence) => {
        const { echoes } = mesh.makeAdvert(sequence, 3000);
        return echoes.length > 6;
      });
    expect(named()).toEqual([false, false, false]);
    mesh.handleAsk(CHILD, { kind: ASK_SIGN, answerer: SELF_KEY, subjects: [] }, 3100);
    const { echoes } = mesh.makeAdvert(40, 3200);
    const tails: number[] = [];
    for (let at = 0; at < echoes.length; at += 6)
      tails.push(echoes[at]! + echoes[at + 1]! * 256 + echoes[at + 2]! * 65536);
    expect(tails).toContain(tailOf(CHILD));
    expect(echoes.length).toBeGreaterThan(6);
  });
});

describe('a parent that goes on asking for a sign', () => {
  const sign: Ask = { kind: ASK_SIGN, answerer: SELF_KEY, subjects: [] };

  it('does not hear the answers: at its third ask in a row another one is taken', () => {
    const mesh = placed();
    const other = full(ROOT, 32);
    other.rootSequence = 2;
    other.echoes = echoOfSelf();
    mesh.hear(STRANGER, 1, 10, -60, other, 300);
    const parents = [5000, 5400, 9000, 9400, 9800].map((atMs) => {
      mesh.handleAsk(ROOT, sign, atMs);
      return mesh.tree.parent;
    });
    expect(parents).toEqual([ROOT, ROOT, ROOT, ROOT, STRANGER]);
  });

  it('is kept where there is no other one, and so is one that asks for something else', () => {
    const mesh = placed();
    for (let i = 0; i < 10; i += 1) mesh.handleAsk(ROOT, sign, 5000 + 400 * i);
    expect([mesh.tree.parent, mesh.tree.isPlaced()]).toEqual([ROOT, true]);
    expect(mesh.table.get(ROOT)!.twoWay()).toBe(true);
  });

  it('is nothing when it is no parent of ours', () => {
    const mesh = placed();
    meet(mesh, STRANGER, -60, ROOT, 32);
    for (let i = 0; i < 5; i += 1) mesh.handleAsk(STRANGER, sign, 5000 + 400 * i);
    expect(mesh.tree.parent).toBe(ROOT);
    expect(mesh.table.get(STRANGER)!.twoWay()).toBe(true);
  });
});

describe('news', () => {
  const FAR = '24000000bb01';
  /** After how many milliseconds the next advert comes when news of FAR arrives, in 30 cases. */
  function delays(strangers: number, news: (sequence: number) => Uint8Array): number[] {
    const mesh = placed();
    for (let i = 0; i < strangers; i += 1) meet(mesh, `24000000cc${10 + i}`, -60, ROOT, 32);
    mesh.table.applyRelayed(recordOf(FAR, ROOT, 1), 0, 400);
    let atMs = 20_000;
    const found: number[] = [];
    for (let i = 0; i < 30; i += 1) {
      // All that is known is passed on, and the usual pace is reached.
      for (let k = 0; k < 12; k += 1) mesh.makeAdvert(100 + 20 * i + k, (atMs += 4000));
      const advert = full(ROOT, 32);
      advert.records = news(2 + i);
      mesh.hear('24000000cc10', 1, 100 + i, -60, advert, atMs + 1);
      found.push(mesh.timer.nextAtMs - atMs - 1);
    }
    return found.sort((a, b) => a - b);
  }
  const moved = (sequence: number): Uint8Array =>
    recordOf(FAR, sequence % 2 === 0 ? CHILD : ROOT, sequence);
  const died = (sequence: number): Uint8Array => {
    const record = recordOf(FAR, ROOT, sequence);
    if (sequence % 2 === 0) record[12] = FLAG_GONE;
    return record;
  };

  it('of a death, or of life after all, is passed on at once', () => {
    expect(delays(10, died)[29]).toBeLessThan(375);
  });

  it('of another parent waits the longer the more neighbours there are to tell it, and never for more than a usual gap', () => {
    const [few, many] = [delays(1, moved), delays(10, moved)];
    expect(few[29]).toBeLessThan(750);
    expect(many[15]).toBeGreaterThan(600);
    expect(many[29]).toBeLessThan(2550);
  });
});

function recordOf(key: string, parent: string, sequence = 15): Uint8Array {
  const bytes = new Uint8Array(21);
  bytes.set(
    Uint8Array.from(key.match(/../g)!, (pair) => parseInt(pair, 16)),
    0,
  );
  writeU24(bytes, 6, 1);
  writeU24(bytes, 9, sequence);
  bytes.set(
    Uint8Array.from(parent.match(/../g)!, (pair) => parseInt(pair, 16)),
    13,
  );
  return bytes;
}
