/**
 * Prints figures of the firmware's mesh core as JSON, one line a case: traffic, forming and healing of N nodes in one
 * room, and messages of applications over three hops, in virtual time. `npx tsx scripts/mesh-figures.ts [nodes ...]`
 */
import { sha256 } from '../app/base/digest.ts';
import { seededRandom } from '../app/base/random.ts';
import { concatBytes } from '../app/base/bytes.ts';
import { Application, type Mesh, type Message } from '../firmware-src/node/application.ts';
import { SmallWorld, worldCredentials } from '../firmware-src/node/small-world.ts';

const STEADY_SECONDS = 120;
const MESSAGES = 200;
const asked = process.argv.slice(2).map(Number);

function worldOf(seed: number): SmallWorld {
  const random = seededRandom(seed);
  const crypto = {
    sha256: (...parts: Uint8Array[]) => sha256(concatBytes(...parts)),
    aesEcb: () => {
      throw new Error('not needed by joined nodes');
    },
    random: (size: number) => random.bytes(size),
  };
  return new SmallWorld(crypto, () => random.next01());
}

for (const nodes of asked.length > 0 ? asked : [5, 10, 30]) {
  for (const loss of [0, 0.1]) {
    const world = worldOf(nodes * 100 + loss * 10);
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

class Listener extends Application {
  readonly texts: string[] = [];
  readonly ended: boolean[] = [];

  override process(message: Message): void {
    this.texts.push(message.text);
  }

  override sent(_number: number, arrived: boolean): void {
    this.ended.push(arrived);
  }
}

/** One message after the other from one end of a chain of four to the other, at odd moments of the mesh's own timing. */
for (const loss of [0, 0.1]) {
  for (const acknowledge of [false, true]) {
    const world = worldOf(7 + loss * 10);
    const listeners: Listener[] = [];
    for (let i = 0; i < 4; i += 1) {
      world.add(worldCredentials(1, null), (mesh: Mesh, index) => {
        listeners[index - 1] = new Listener(mesh);
        return listeners[index - 1]!;
      });
      if (i > 0) world.link(i - 1, i);
    }
    world.advance(30_000);
    world.loss = loss;
    const [from, to] = [listeners[0]!, listeners[3]!];
    const tookMs: number[] = [];
    for (let i = 0; i < MESSAGES; i += 1) {
      const atMs = world.nowMs;
      from.mesh.send(to.mesh.id, `message ${i}`, acknowledge);
      const arrived = world.until(() => to.texts.includes(`message ${i}`), 12_000);
      if (arrived >= 0) tookMs.push(world.nowMs - atMs);
      world.advance(370);
    }
    world.advance(12_000);
    tookMs.sort((a, b) => a - b);
    console.log(
      JSON.stringify({
        messages: MESSAGES,
        hops: 3,
        loss,
        acknowledge,
        medianMs: tookMs[Math.floor(tookMs.length / 2)],
        p95Ms: tookMs[Math.floor(tookMs.length * 0.95)],
        lost: MESSAGES - tookMs.length,
        twice: to.texts.length - new Set(to.texts).size,
        confirmed: from.ended.filter(Boolean).length,
      }),
    );
  }
}
