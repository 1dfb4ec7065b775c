/**
 * What travels in a Wi-Fi data frame, and how long that takes on the air.
 *
 *   MAC header and QoS 26 | CCMP 8 | LLC 8 | IP 20 | TCP 20 or UDP 8 | data | MIC 8 | FCS 4
 *
 * Rate: the fastest of 802.11g whose sensitivity (ESP32 data sheet, "Receiver characteristics": -93 dBm at 6 Mbit/s, -75 dBm at
 * 54 Mbit/s, those between by the steps of IEEE 802.11-2020 table 17-18) lies 5 dB under the signal; 1 Mbit/s below. The chip would
 * use 802.11n with one stream, 20 MHz, which is at most a third faster. OFDM: 20 us of preamble, symbols of 4 us, then SIFS and an
 * acknowledgement at 24 Mbit/s (IEEE 802.11-2020 clause 17). Beacons, probes and handshakes are not put on the air.
 */
export const TCP_FLAG = { fin: 1, syn: 2, reset: 4, acknowledge: 16 } as const;

export interface Packet {
  readonly protocol: 'tcp' | 'udp';
  readonly fromIp: number;
  readonly toIp: number;
  readonly fromPort: number;
  readonly toPort: number;
  readonly data: Uint8Array;
  /** TCP only, as the four below. */
  readonly flags: number;
  readonly sequence: number;
  readonly acknowledged: number;
  readonly window: number;
}

/** The Wi-Fi side of a frame (AirFrame.packet). */
export interface DataFrame {
  /** The access point's address: who it belongs to. */
  readonly bssid: string;
  readonly toAccessPoint: boolean;
  readonly packet: Packet;
}

export const NO_DATA = new Uint8Array(0);
const OVERHEAD_BYTES = 74;
const TCP_BYTES = 20;
const UDP_BYTES = 8;
/** From this signal on, Mbit/s. */
const RATES: readonly (readonly [leastDbm: number, megabits: number])[] = [
  [-70, 54],
  [-71, 48],
  [-75, 36],
  [-79, 24],
  [-82, 18],
  [-84, 12],
  [-86, 9],
  [-88, 6],
];
const SIFS_AND_ACKNOWLEDGE_US = 44;

export function rateMegabits(rssiDbm: number): number {
  return RATES.find(([leastDbm]) => rssiDbm >= leastDbm)?.[1] ?? 1;
}

export function frameBytes(packet: Packet): number {
  return OVERHEAD_BYTES + (packet.protocol === 'tcp' ? TCP_BYTES : UDP_BYTES) + packet.data.length;
}

/** Broadcasts go at 1 Mbit/s. */
export function dataAirUs(packet: Packet, rssiDbm: number, broadcast: boolean): number {
  const bytes = frameBytes(packet);
  const rate = broadcast ? 1 : rateMegabits(rssiDbm);
  if (rate === 1) return 192 + 8 * bytes;
  return 20 + 4 * Math.ceil((22 + 8 * bytes) / (4 * rate)) + SIFS_AND_ACKNOWLEDGE_US;
}
