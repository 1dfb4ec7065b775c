/**
 * Prints figures of the firmware's mesh core as JSON, one line a case: traffic, forming and healing of N nodes in one
 * room, in virtual time. `npx tsx scripts/mesh-figures.ts [nodes ...]`
 */
import { sha256 } from '../app/base/digest.ts';
import { seededRandom } from '../app/base/random.ts';
import { concatBytes } from '../app/base/bytes.ts';
import { SmallWorld } from '../firmware-src/node/small-world.ts';

const STEADY_SECONDS = 120;
const asked = process.argv.slice(2).map(Number);

for (const nodes of asked.length > 0 ? asked : [5, 10, 30]) {
  for (const loss of [0, 0.1]) {
    const random = seededRandom(nodes * 100 + loss * 10);
    const crypto = {
      sha256: (...parts: Uint8Array[]) => sha256(concatBytes(...parts)),
      aesEcb: () => {
        throw new Error('not needed by joined nodes');
      },
      random: (size: number) => random.bytes(size),
    };
    const world = new SmallWorld(crypto, () => random.next01());
    world.loss = loss;
    for (let i = 0; i < nodes; i += 1) world.add();
    world.linkAll();
    const settledMs = world.until(() => world.isSettled(), 60_000);
    const viewsMs = settledMs + world.until(() => world.viewsAreRight(), 60_000);
    world.advance(30_000);
    const formingBytes = world.airBytes;
    world.advance(STEADY_SECONDS * 1000);
    const bytesPerSecond = Math.round((world.airBytes - formingBytes) / STEADY_SECONDS);
    world.kill(world.boards.findIndex((board) => board.tree.isRoot()));
    const newRootMs = world.until(() => world.isSettled(), 60_000);
    const deadGoneMs = newRootMs + world.until(() => world.viewsAreRight(), 60_000);
    const kbitPerSecond = (bytesPerSecond * 8) / 1000;
    console.log(
      JSON.stringify({
        nodes,
        loss,
        settledMs,
        viewsMs,
        bytesPerSecond,
        kbitPerSecond,
        newRootMs,
        deadGoneMs,
      }),
    );
  }
}
