/**
 * One TCP connection as lwIP keeps it on stock builds: segments of 1440 bytes, buffers of four of them each way (CONFIG_LWIP_TCP_*
 * of ESP-IDF; 5760 bytes seen to go into an unread connection on an emulated chip with stock 1.26.0).
 *
 * - Acknowledgements wait for a second segment or 250 ms; a small segment waits while another is under way, unless TCP_NODELAY.
 * - Retransmission after 1.5 s, then twice as long each time up to 192 s; after twelve the connection is aborted, some nineteen
 *   minutes after the other side fell silent (lwIP core/tcp.c tcp_slowtmr, tcp_backoff; LWIP_TCP_RTO_TIME 1500, TCP_MAXRTX 12).
 *   A SYN is repeated every 1.5 s twelve times (same place, ESP_LWIP), every 5 s when there is nobody of that address: connect() to
 *   such a one ends after a minute (seen on an emulated chip with stock 1.26.0: ECONNABORTED after 60.3 s). There is no keepalive: nothing is sent when nothing is said.
 * - close() with bytes unread, and bytes that come after close(), reset the connection (core/tcp.c tcp_close_shutdown, tcp_in.c).
 * - Segments out of order are dropped here (lwIP keeps them): links keep the order, so they come only after a loss.
 * Sequence numbers do not wrap.
 */
import type { QueuedEvent } from '../event-queue.ts';
import { NO_DATA, TCP_FLAG } from './packet.ts';
import type { Packet } from './packet.ts';
import { ERRNO } from './errno.ts';
import { TcpErrors } from './tcp-errors.ts';
import { TcpInbox, joined } from './tcp-inbox.ts';
import {
  MSS,
  SEND_BUFFER_BYTES,
  FIRST_CONGESTION_WINDOW,
  LEAST_ROOM,
  MOST_TRIES,
  DELAYED_ACK_US,
  FIN_WAIT_US,
  retryUs,
} from './tcp-facts.ts';
import type { Endpoints, TcpHost, TcpState } from './tcp-facts.ts';

const { fin: FIN, syn: SYN, reset: RST, acknowledge: ACK } = TCP_FLAG;

export class TcpConnection {
  readonly ends: Endpoints;
  state: TcpState;
  noDelay = false;
  /** The application has closed it: nobody reads any more. */
  detached = false;
  /** It was closed from here first: its port stays in TIME_WAIT. */
  lingers = false;
  readonly #host: TcpHost;
  #buffer: Uint8Array = NO_DATA;
  #unacknowledged: number;
  #next: number;
  #highest: number;
  #peerWindow = MSS;
  #congestion = FIRST_CONGESTION_WINDOW;
  #finSent = false;
  readonly #inbox = new TcpInbox();
  readonly #errors = new TcpErrors();
  #tries = 0;
  #duplicates = 0;
  #timer: QueuedEvent | undefined;
  #ackTimer: QueuedEvent | undefined;

  constructor(host: TcpHost, ends: Endpoints, firstSequence: number, begunBy?: Packet) {
    this.#host = host;
    this.ends = ends;
    this.#unacknowledged = firstSequence;
    this.#next = firstSequence + 1;
    this.#highest = this.#next;
    this.state = begunBy ? 'syn-received' : 'syn-sent';
    if (begunBy) {
      this.#inbox.expected = begunBy.sequence + 1;
      this.#peerWindow = begunBy.window;
    }
  }

  /** Sends the first segment. @returns false when there is no route */
  open(): boolean {
    this.#arm();
    return this.#sendSyn();
  }

  get room(): number {
    return SEND_BUFFER_BYTES - this.#buffer.length;
  }

  get readable(): boolean {
    return this.#inbox.size > 0 || this.#inbox.isClosed || this.#errors.failed;
  }

  get writable(): boolean {
    if (this.#errors.failed) return true;
    return (this.state === 'established' || this.state === 'close-wait') && this.room >= LEAST_ROOM;
  }

  /** @returns bytes taken, or an error below zero */
  send(data: Uint8Array): number {
    const error = this.#errors.take();
    if (error !== 0) return -error;
    if (this.state === 'syn-sent') return -ERRNO.inProgress;
    if (this.state !== 'established' && this.state !== 'close-wait') return -ERRNO.notConnected;
    const size = Math.min(this.room, data.length);
    if (size === 0) return data.length === 0 ? 0 : -ERRNO.again;
    this.#buffer = joined(this.#buffer, data.subarray(0, size));
    this.#output();
    return size;
  }

  /** @returns bytes, empty when the other side has closed, or an error below zero */
  receive(most: number): Uint8Array | number {
    const inbox = this.#inbox;
    if (inbox.size > 0) {
      const bytes = inbox.take(most);
      if (inbox.hasOpened && !this.#errors.failed && !inbox.isClosed) this.#acknowledge();
      return bytes;
    }
    if (inbox.isClosed) return NO_DATA;
    const error = this.#errors.takeForRead();
    if (error !== 0) return -error;
    return this.#errors.failed ? -ERRNO.notConnected : -ERRNO.again;
  }

  close(): void {
    this.detached = true;
    if (this.state === 'syn-sent' || this.state === 'closed') {
      this.#end();
    } else if (this.#inbox.size > 0) {
      this.#reset();
      this.#end();
    } else {
      this.state = this.state === 'close-wait' ? 'last-ack' : 'fin-wait';
      this.lingers = this.state === 'fin-wait';
      this.#output();
    }
  }

  /** Without a word, as when power goes. */
  vanish(): void {
    this.#end();
  }

  /** The error of a connect() that went wrong, once (SO_ERROR). */
  takeError(): number {
    return this.#errors.take();
  }

  abort(error: number): void {
    this.#fail(error);
  }

  input(packet: Packet): void {
    if ((packet.flags & RST) !== 0) {
      if (this.state === 'syn-sent' && packet.acknowledged !== this.#next) return;
      this.#fail(ERRNO.connectionReset);
      return;
    }
    if (this.state === 'syn-sent') {
      this.#inputSynSent(packet);
      return;
    }
    if ((packet.flags & SYN) !== 0) {
      // Again the SYN of this connection, or that of a peer who has forgotten it: the answer makes the latter reset it.
      if (this.state === 'syn-received') this.#sendSyn();
      else this.#acknowledge();
      return;
    }
    if (this.state === 'syn-received' && packet.acknowledged >= this.#next) {
      this.state = 'established';
      this.#host.accepted(this);
    }
    this.#inputAcknowledgement(packet);
    if (this.state === 'closed') return;
    this.#inputData(packet);
  }

  #inputSynSent(packet: Packet): void {
    const fits = packet.acknowledged === this.#next;
    if ((packet.flags & SYN) === 0) {
      if (!fits) this.#emit(RST, packet.acknowledged, NO_DATA);
      return;
    }
    if (!fits) return;
    this.state = 'established';
    this.#inbox.expected = packet.sequence + 1;
    this.#inputAcknowledgement(packet);
    this.#acknowledge();
    this.#host.wake();
  }

  #inputAcknowledgement(packet: Packet): void {
    const before = this.#peerWindow;
    this.#peerWindow = packet.window;
    const count = packet.acknowledged - this.#unacknowledged;
    if (count > 0 && packet.acknowledged <= this.#highest) {
      // SYN and FIN count as one byte each and are not in the buffer.
      const synced = this.#unacknowledged < this.#firstData ? 1 : 0;
      const bytes = Math.min(count - synced, this.#buffer.length);
      this.#buffer = this.#buffer.slice(bytes);
      this.#unacknowledged = packet.acknowledged;
      this.#next = Math.max(this.#next, packet.acknowledged);
      this.#tries = 0;
      this.#duplicates = 0;
      this.#congestion = Math.min(SEND_BUFFER_BYTES, this.#congestion + MSS);
      this.#arm();
      if (this.#finSent && packet.acknowledged === this.#highest) this.#finAcknowledged();
      this.#host.wake();
    } else if (count === 0 && this.#inFlight > 0 && packet.data.length === 0) {
      if (before === packet.window && ++this.#duplicates === 3) this.#again();
    }
    if (this.state !== 'closed') this.#output();
  }

  #firstData = 0;

  #finAcknowledged(): void {
    if (this.state === 'last-ack' || this.#inbox.isClosed) {
      this.#end();
      return;
    }
    this.#cancel();
    this.#timer = this.#host.later(FIN_WAIT_US, () => this.#end());
  }

  #inputData(packet: Packet): void {
    const isFin = (packet.flags & FIN) !== 0;
    const inbox = this.#inbox;
    if (packet.data.length === 0 && !isFin) {
      if (packet.sequence < inbox.expected) this.#acknowledge(); // a probe of a closed window
      return;
    }
    if (this.detached && packet.data.length > 0) {
      this.#reset();
      this.#end();
      return;
    }
    if (packet.sequence !== inbox.expected || inbox.isClosed) {
      this.#acknowledge();
      return;
    }
    const taken = inbox.put(packet.data);
    if (taken > 0) this.#host.wake();
    if (isFin && taken === packet.data.length) {
      inbox.close();
      this.#acknowledge();
      if (this.state === 'established') this.state = 'close-wait';
      else if (this.state === 'fin-wait' && this.#inFlight === 0 && this.#finSent) this.#end();
      this.#host.wake();
    } else if (taken < packet.data.length || this.#ackTimer) this.#acknowledge();
    else this.#ackTimer = this.#host.later(DELAYED_ACK_US, () => this.#acknowledge());
  }

  get #inFlight(): number {
    return this.#next - this.#unacknowledged;
  }

  #output(): void {
    if (this.state === 'syn-sent' || this.state === 'syn-received' || this.state === 'closed') {
      return;
    }
    const window = Math.min(this.#peerWindow, this.#congestion);
    for (;;) {
      const inFlight = this.#inFlight;
      const waiting = this.#buffer.length - inFlight;
      const size = Math.min(MSS, waiting, window - inFlight);
      if (size <= 0) break;
      const small = size < Math.min(MSS, waiting) || size < MSS;
      if (small && inFlight > 0 && !this.noDelay && this.room > 0) break;
      this.#emit(ACK, this.#next, this.#buffer.slice(inFlight, inFlight + size));
      this.#next += size;
    }
    const closing = this.state === 'fin-wait' || this.state === 'last-ack';
    if (closing && this.#inFlight === this.#buffer.length) {
      this.#finSent = true;
      this.#emit(FIN | ACK, this.#next, NO_DATA);
      this.#next++;
    }
    this.#highest = Math.max(this.#highest, this.#next);
    if (!this.#timer && (this.#inFlight > 0 || this.#buffer.length > 0)) this.#arm();
  }

  #acknowledge(): void {
    if (this.state !== 'closed') this.#emit(ACK, this.#next, NO_DATA);
  }

  #reset(): void {
    this.#emit(RST | ACK, this.#next, NO_DATA);
  }

  #sendSyn(): boolean {
    this.#firstData = this.#unacknowledged + 1;
    const flags = this.state === 'syn-sent' ? SYN : SYN | ACK;
    return this.#emit(flags, this.#unacknowledged, NO_DATA);
  }

  #emit(flags: number, sequence: number, data: Uint8Array): boolean {
    if (this.#ackTimer) {
      this.#ackTimer.cancelled = true;
      this.#ackTimer = undefined;
    }
    const inbox = this.#inbox;
    inbox.advertised = inbox.window;
    return this.#host.send({
      protocol: 'tcp',
      ...this.ends,
      flags,
      sequence,
      acknowledged: inbox.expected,
      window: inbox.advertised,
      data,
    });
  }

  #cancel(): void {
    if (this.#timer) this.#timer.cancelled = true;
    this.#timer = undefined;
  }

  /** The retransmission timer; also the one that asks a peer whose window is closed. */
  #arm(): void {
    this.#cancel();
    if (this.state === 'closed') return;
    if (this.#inFlight === 0 && this.#buffer.length === 0) return;
    const isSyn = this.state === 'syn-sent' || this.state === 'syn-received';
    const isLost = this.state === 'syn-sent' && !this.#host.resolves(this.ends.toIp);
    const isLast = this.#tries >= MOST_TRIES;
    this.#timer = this.#host.later(retryUs(this.#tries, isSyn, isLost), () => {
      this.#timer = undefined;
      if (isLast) this.#fail(ERRNO.connectionAborted);
      else this.#again();
    });
  }

  #again(): void {
    this.#tries++;
    this.#congestion = MSS;
    if (this.state === 'syn-sent' || this.state === 'syn-received') this.#sendSyn();
    else if (this.#inFlight === 0) this.#emit(ACK, this.#next - 1, NO_DATA);
    else {
      this.#next = this.#unacknowledged;
      this.#output();
    }
    this.#arm();
  }

  #fail(error: number): void {
    this.#errors.fail(error);
    this.#end();
    this.#host.wake();
  }

  #end(): void {
    this.#cancel();
    if (this.#ackTimer) this.#ackTimer.cancelled = true;
    this.#ackTimer = undefined;
    if (this.state === 'closed') return;
    this.state = 'closed';
    this.#host.ended(this);
  }
}
