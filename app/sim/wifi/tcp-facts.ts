/** Figures of lwIP's TCP on stock builds, and what a connection needs of its board. Sources: see tcp.ts. */
import type { QueuedEvent } from '../event-queue.ts';
import type { Packet } from './packet.ts';
import type { TcpConnection } from './tcp.ts';

export const MSS = 1440;
export const SEND_BUFFER_BYTES = 4 * MSS;
export const WINDOW_BYTES = 4 * MSS;
export const FIRST_CONGESTION_WINDOW = 4380;
/** TCP_SNDLOWAT: poll says POLLOUT from this much room on. */
export const LEAST_ROOM = 2 * MSS + 1;
const RTO_US = 1_500_000;
const BACKOFF = [1, 2, 3, 4, 5, 6, 7, 7, 7, 7, 7, 7, 7];
export const MOST_TRIES = 12;
const TICK_US = 500_000;
/** ARP gives up and lets go of the SYN that waits for it. */
const ARP_US = 5_000_000;
export const DELAYED_ACK_US = 250_000;
export const FIN_WAIT_US = 20e6;

/** How long an answer is waited for. @param isLost a SYN to an address at which nobody is */
export function retryUs(tries: number, isSyn: boolean, isLost: boolean): number {
  if (tries >= MOST_TRIES) return TICK_US; // the next tick of the slow timer counts the tries
  if (isLost) return ARP_US;
  return RTO_US * 2 ** (isSyn || tries === 0 ? 0 : BACKOFF[tries - 1]!);
}

export interface TcpHost {
  later(us: number, run: () => void): QueuedEvent;
  wake(): void;
  /** @returns false when there is no way there at all */
  send(packet: Packet): boolean;
  /** Whether ARP finds the next station on the way. */
  resolves(ip: number): boolean;
  /** A connection that somebody else began is there. */
  accepted(connection: TcpConnection): void;
  ended(connection: TcpConnection): void;
}

export interface Endpoints {
  fromIp: number;
  fromPort: number;
  toIp: number;
  toPort: number;
}

export type TcpState =
  'syn-sent' | 'syn-received' | 'established' | 'close-wait' | 'fin-wait' | 'last-ack' | 'closed';
