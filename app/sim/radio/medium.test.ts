import { describe, expect, it } from 'vitest';
import { EventQueue } from '../event-queue.ts';
import { airTimeUs, BROADCAST, Medium } from './medium.ts';
import type { AirFrame, Station } from './medium.ts';
import type { PropagationOptions } from './propagation.ts';

/** No chance but in the back-off: links are as strong as their length says, and nothing is lost at random. */
const PLAIN: Partial<PropagationOptions> = {
  shadowDb: 0,
  asymmetryDb: 0,
  floorLoss: 0,
  slopeDb: 0.2,
};

interface Heard {
  atUs: number;
  from: string;
  rssiDbm: number;
}

class Air {
  readonly queue = new EventQueue();
  readonly medium: Medium;
  readonly heard = new Map<string, Heard[]>();

  constructor(options: Partial<PropagationOptions> = PLAIN) {
    this.medium = new Medium(this.queue, 1, options);
  }

  station(id: string, x: number): Station {
    const heard: Heard[] = [];
    this.heard.set(id, heard);
    const station: Station = {
      id,
      position: { x, y: 0 },
      channel: () => 6,
      owns: (address) => address === id,
      receive: (frame, rssiDbm) => {
        heard.push({ atUs: this.queue.nowUs, from: frame.source, rssiDbm });
      },
    };
    this.medium.add(station);
    return station;
  }

  send(
    from: Station,
    atUs: number,
    destination = BROADCAST,
    onDone: (acknowledged: boolean) => void = () => undefined,
  ): void {
    const frame: AirFrame = {
      source: from.id,
      destination,
      payload: new Uint8Array(100),
      channel: 6,
    };
    this.medium.send(from, frame, atUs, onDone);
  }

  async run(): Promise<void> {
    while (await this.queue.runNext(Infinity));
  }
}

describe('carrier sense (IEEE 802.11-2020, 10.3)', () => {
  it('lets stations that hear each other send one after the other, at least a DIFS apart', async () => {
    const air = new Air();
    const senders = ['a1', 'a2', 'a3'].map((id, i) => air.station(id, i));
    air.station('b', 5);
    air.send(senders[0]!, 0);
    air.send(senders[1]!, 100);
    air.send(senders[2]!, 5000);
    await air.run();
    const heard = air.heard.get('b')!;
    expect(heard.map((one) => one.from)).toEqual(['a1', 'a2', 'a3']);
    expect(heard[0]!.atUs).toBe(airTimeUs(100));
    expect(heard[1]!.atUs - heard[0]!.atUs).toBeGreaterThanOrEqual(50 + airTimeUs(100));
    expect(air.medium.counters.lostByCollision).toBe(0);
  });

  it('does not help against a hidden station: both frames are lost between two that do not hear each other', async () => {
    const near = new Air();
    const one = near.station('a', 0);
    const other = near.station('c', 400);
    near.station('b', 200);
    near.send(one, 0);
    near.send(other, 300);
    await near.run();
    expect(near.medium.rssiDbm(one, other)).toBeLessThan(near.medium.propagation.uselessDbm);
    expect(near.heard.get('b')).toEqual([]);
    expect(near.medium.counters.lostByCollision).toBe(2);
  });

  it('a frame eight decibels above the other one survives (capture effect)', async () => {
    const air = new Air();
    const near = air.station('a', 0);
    const far = air.station('c', 400);
    air.station('b', 60);
    air.send(near, 0);
    air.send(far, 300);
    await air.run();
    expect(air.heard.get('b')!.map((one) => one.from)).toEqual(['a']);
  });

  it('sends nothing and hears nothing at once: half duplex', async () => {
    const air = new Air();
    const one = air.station('a', 0);
    const other = air.station('c', 0);
    // Begun at the same moment, neither had heard the other.
    air.send(one, 0);
    air.send(other, 0);
    await air.run();
    const total = air.heard.get('a')!.length + air.heard.get('c')!.length;
    expect(total).toBe(2 - Math.min(2, air.medium.counters.lostByCollision));
  });
});

describe('links', () => {
  it('are as long as their strength: 19.5 dBm - 40 dB - 30 log10(d), nothing from where 99 % would be lost', async () => {
    const air = new Air();
    const sender = air.station('a', 0);
    air.station('b', 10);
    air.station('c', 900);
    air.send(sender, 0);
    await air.run();
    expect(air.heard.get('b')![0]!.rssiDbm).toBeGreaterThanOrEqual(-53);
    expect(air.heard.get('b')![0]!.rssiDbm).toBeLessThanOrEqual(-48);
    expect(air.heard.get('c')).toEqual([]);
  });

  it('may be good in one direction only, and then a unicast arrives once and is never acknowledged', async () => {
    const air = new Air();
    const a = air.station('a', 0);
    air.station('b', 10);
    const rssi = air.medium.rssiDbm.bind(air.medium);
    air.medium.rssiDbm = (from, to) => (from.id === 'b' ? -120 : rssi(from, to));
    let acknowledged: boolean | undefined;
    air.send(a, 0, 'b', (ok) => (acknowledged = ok));
    await air.run();
    expect(acknowledged).toBe(false);
    expect(air.heard.get('b')!.length).toBe(1);
    expect(air.medium.counters.sent).toBe(8);
  });

  it('are weaker through a wall, follow a station that moves, and end with one that leaves', async () => {
    const air = new Air();
    const a = air.station('a', 0);
    const b = air.station('b', 10);
    const before = air.medium.rssiDbm(a, b);
    air.medium.build([{ from: { x: 5, y: -1 }, to: { x: 5, y: 1 }, lossDb: 12 }]);
    expect(air.medium.rssiDbm(a, b)).toBeCloseTo(before - 12);
    air.medium.build([{ from: { x: 5, y: 1 }, to: { x: 5, y: 9 }, lossDb: 12 }]);
    expect(air.medium.rssiDbm(a, b)).toBeCloseTo(before);
    air.medium.move(b, { x: 100, y: 0 });
    expect(air.medium.rssiDbm(a, b)).toBeCloseTo(before - 30);
    air.medium.remove(b);
    air.send(a, 0);
    await air.run();
    expect(air.heard.get('b')).toEqual([]);
  });
});
