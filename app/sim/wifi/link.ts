/**
 * Data frames of one board: a queue of 32 (ESP-IDF, dynamic transmit buffers), one after the other, as the radio has them
 * acknowledged, repeated and lost (radio/medium.ts). A full queue refuses; a frame for nobody in reach is lost without a word.
 *
 *   station -> its access point -> the access point's stack, or another of its stations
 *   access point -> the station that has the address
 */
import type { AirFrame } from '../radio/medium.ts';
import { BROADCAST } from '../radio/medium.ts';
import type { Wireless } from '../wireless.ts';
import { isBroadcast, sameSubnet } from './address.ts';
import { dataAirUs } from './packet.ts';
import type { DataFrame, Packet } from './packet.ts';

const MOST_QUEUED = 32;

export class DataLink {
  readonly #own: Wireless;
  #queue: AirFrame[] = [];
  #busy = false;
  /** Frames given to a radio that has been switched off since end nowhere. */
  #epoch = 0;

  constructor(own: Wireless) {
    this.#own = own;
  }

  reset(): void {
    this.#queue = [];
    this.#busy = false;
    this.#epoch++;
  }

  get queued(): number {
    return this.#queue.length;
  }

  /** Whether ARP finds this address, or the gateway for one that is elsewhere. */
  finds(index: 0 | 1, ip: number): boolean {
    const { station, accessPoint } = this.#own;
    const point = index === 1 ? accessPoint : station.point?.accessPoint;
    if (index === 0) {
      const { config } = this.#own.ip.interfaces[0];
      if (!sameSubnet(ip, config.ip, config.mask) || station.point?.ip.owns(ip)) return true;
    }
    return [...(point?.clients.values() ?? [])].some((client) => client.ip === ip);
  }

  /** @returns false when the queue is full */
  send(index: 0 | 1, packet: Packet, broadcast: boolean): boolean {
    const own = this.#own;
    if (index === 0) {
      const { bssid, point } = own.station;
      if (bssid === undefined || !point) return true;
      const data: DataFrame = { bssid, toAccessPoint: true, packet };
      return this.#push(0, bssid, data, own.rssiFrom(point), false);
    }
    const data: DataFrame = { bssid: own.address(1), toAccessPoint: false, packet };
    if (broadcast) {
      if (own.accessPoint.clients.size === 0) return true;
      return this.#push(1, BROADCAST, data, 0, true);
    }
    for (const client of own.accessPoint.clients.values()) {
      if (client.ip !== packet.toIp) continue;
      return this.#push(1, client.address, data, own.rssiFrom(client.wireless), false);
    }
    return true; // ARP finds nobody
  }

  #push(
    index: 0 | 1,
    destination: string,
    packet: DataFrame,
    rssiDbm: number,
    broadcast: boolean,
  ): boolean {
    if (this.#queue.length >= MOST_QUEUED) return false;
    this.#queue.push({
      source: this.#own.address(index),
      destination,
      payload: packet.packet.data,
      channel: this.#own.channelNumber,
      packet,
      airUs: dataAirUs(packet.packet, rssiDbm, broadcast),
    });
    this.#pump();
    return true;
  }

  #pump(): void {
    const own = this.#own;
    const frame = this.#queue[0];
    if (this.#busy || !frame) return;
    this.#busy = true;
    const epoch = this.#epoch;
    own.whenTuned(() => {
      if (epoch !== this.#epoch) return;
      own.transmit({ ...frame, channel: own.channelNumber }, () => {
        if (epoch !== this.#epoch) return;
        this.#queue.shift();
        this.#busy = false;
        this.#pump();
      });
    });
  }

  /** A data frame that the radio has received. */
  receive(frame: AirFrame, data: DataFrame): void {
    if (data.toAccessPoint) this.#receiveFromStation(frame, data);
    else this.#receiveFromPoint(data);
  }

  #receiveFromPoint({ bssid, packet }: DataFrame): void {
    const { station, ip } = this.#own;
    if (station.bssid !== bssid) return;
    station.heard();
    ip.input(packet);
  }

  #receiveFromStation(frame: AirFrame, { bssid, packet }: DataFrame): void {
    const own = this.#own;
    const { accessPoint, ip } = own;
    if (!accessPoint.active || own.address(1) !== bssid) return;
    const client = accessPoint.heard(frame.source, own.stationAt(frame.source));
    if (!client) return;
    client.ip = packet.fromIp;
    if (ip.owns(packet.toIp)) {
      ip.input(packet);
      return;
    }
    const broadcast = isBroadcast(packet.toIp, ip.interfaces[1].config);
    if (broadcast) ip.input(packet);
    this.send(1, packet, broadcast);
  }
}
