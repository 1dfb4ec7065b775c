class Peer {
  readonly key: string;
  heardAtMs = 0;
  rssi = 0;
  parent: string | null = null;

  constructor(key: string) {
    this.key = key;
  }
}

export class Peers {
  readonly #peers = new Map<string, Peer>();

  heard(key: string, rssi: number, atMs: number): Peer {
    let peer = this.#peers.get(key);
    if (peer === undefined) {
      peer = new Peer(key);
      this.#peers.set(key, peer);
    }
    peer.rssi = peer.rssi === 0 ? rssi : Math.trunc((peer.rssi * 3 + rssi) / 4);
    peer.heardAtMs = atMs;
    return peer;
  }

  best(): Peer | null {
    let best: Peer | null = null;
    for (const peer of this.#peers.values()) {
      if (best === null || peer.rssi > best.rssi) best = peer;
    }
    return best;
  }

  sweep(atMs: number): number {
    let gone = 0;
    for (const [key, peer] of this.#peers) {
      if (atMs - peer.heardAtMs > 50) {
        this.#peers.delete(key);
        gone++;
      }
    }
    return gone;
  }

  get size(): number {
    return this.#peers.size;
  }
}

export function run(): number {
  const peers = new Peers();
  let gone = 0;
  for (let i = 0; i < 120; i++) {
    peers.heard(`node${String(i % 20)}`, -40 - (i % 17), i);
    if (i % 30 === 29) gone += peers.sweep(i + 40);
  }
  const best = peers.best();
  return gone * 100 + peers.size + (best === null ? 0 : best.rssi);
}
