import { describe, expect, it } from 'vitest';
import { v8Crypto } from '../../app/keys/crypto.ts';
import { seededRandom } from '../../app/base/random.ts';
import { TIMING_CLASSIC } from '../mesh/profile.ts';
import { decodeCredentials, encodeCredentials } from '../wire/credentials.ts';
import { SmallWorld, worldCredentials } from './small-world.ts';

const CLASSIC = encodeCredentials({
  ...decodeCredentials(worldCredentials(1, null))!,
  timing: TIMING_CLASSIC,
});

function world(count: number, loss: number): SmallWorld {
  const made = new SmallWorld(v8Crypto, () => random.next01());
  const random = seededRandom(count);
  made.loss = loss;
  for (let i = 0; i < count; i += 1) made.add(CLASSIC);
  return made;
}

describe('the classic timing', () => {
  it('forms one tree after 29 s of listening, and not before', () => {
    const made = world(6, 0);
    made.linkAll();
    made.advance(28_500);
    expect(made.boards.every((board) => board.tree.root === '')).toBe(true);
    expect(made.until(() => made.isSettled() && made.viewsAreRight(), 25_000)).toBeGreaterThan(0);
  });

  it('sends an own advert every 5 s while nothing changes', () => {
    const made = world(2, 0);
    made.linkAll();
    made.until(() => made.isSettled(), 60_000);
    made.advance(30_000);
    made.record = [];
    made.advance(50_000);
    const adverts = made.record.filter((sent) => sent.bytes[1] === 0x40);
    expect(adverts.length).toBeGreaterThanOrEqual(18);
    expect(adverts.length).toBeLessThanOrEqual(26);
  });

  it.each([0, 0.1])(
    'heals a chain whose root or middle dies, with %d of the frames lost',
    (loss) => {
      const made = world(7, loss);
      for (let i = 0; i < 7; i += 1) {
        for (let j = 0; j < i; j += 1) if (i - j <= 2) made.link(i, j);
      }
      expect(made.until(() => made.isSettled(), 90_000)).toBeGreaterThan(0);
      const root = made.boards.findIndex((board) => board.tree.isRoot());
      made.kill(root);
      expect(made.until(() => made.isSettled(), 90_000)).toBeGreaterThan(0);
      made.kill(root === 3 ? 4 : 3);
      expect(made.until(() => made.isSettled() && made.viewsAreRight(), 120_000)).toBeGreaterThan(
        0,
      );
      made.restart(root);
      expect(made.until(() => made.isSettled() && made.viewsAreRight(), 120_000)).toBeGreaterThan(
        0,
      );
    },
  );
});
