import { bytes, len, MemoryError, OSError, RuntimeError, ValueError } from 'builtins';
import { ESPNow } from 'espnow';
import { AP_IF, STA_IF, WLAN } from 'network';
import { ROUTER } from '../features.ts';
import { macBytes, toHex } from '../std/hex.ts';
import { AIR_MAX_BYTES } from '../wire/air-frame.ts';
import { NO_NODE } from '../wire/cells.ts';

/** Room for 15 of the longest frames; the default holds two. It is kept in the heap. */
const RECEIVE_BUFFER_BYTES = 4096;
/** Frames that the driver may still have unsent when it gets the next: more could make sending wait for two seconds. */
const MOST_OUTSTANDING = 0;
/** A driver that answers nothing for so long has lost a callback. */
const STUCK_MS = 1000;
const SEND_GAP_MS = 3;
/** Of a PMK and an LMK. */
const KEY_BYTES = 16;
/** Failed sends in a row before ESP-NOW is started again. */
const MOST_FAILURES = 5;
/** No re-start of ESP-NOW more often than this; a neighbour that sends long frames makes us deaf for as long. */
const RESTART_GAP_MS = 250;

export class ReceivedFrame {
  from = '';
  rssiDbm = 0;
  bytes: Uint8Array = new Uint8Array(0);
}

/** ESP-NOW by broadcast on one channel, and to one peer at a time. Every known trap of the driver ends here; see the table in board/main.ts. */
export class Radio {
  /** Times that ESP-NOW had to be started again, and frames given up. */
  trouble = 0;
  /** Different senders ever heard: the driver's table of them only grows. */
  senders = 0;
  private readonly broadcast: Uint8Array = bytes(new Uint8Array([255, 255, 255, 255, 255, 255]));
  private readonly station: WLAN = new WLAN(STA_IF);
  /** For poll(): ready when a frame is there. */
  readonly espNow: ESPNow = new ESPNow();
  private readonly frame: ReceivedFrame = new ReceivedFrame();
  private readonly none: Uint8Array = new Uint8Array(0);
  /** The one peer beside the broadcast one, empty when there is none, and its secrets. */
  private peer: Uint8Array = this.none;
  private secrets: Uint8Array = this.none;
  private prepared = false;
  private on = false;
  private sentAtMs = 0;
  private failures = 0;
  private stuckSinceMs = -1;
  private restartedAtMs = -RESTART_GAP_MS;

  /**
   * Brings Wi-Fi into a known state; random numbers are real only while it is on. main.py switched it off and on before
   * it loaded the firmware, because the Wi-Fi driver finds no memory once the Python heap has grown; where it did not,
   * this does, and takes about a second.
   */
  prepare(): void {
    if (this.prepared) return;
    new WLAN(AP_IF).active(false);
    if (!this.station.active()) this.station.active(true);
    try {
      this.station.disconnect();
    } catch (error) {
      if (!(error instanceof OSError)) throw error;
    }
    this.station.config({ reconnects: 0 });
    this.station.config({ pm: 0 });
    this.prepared = true;
  }

  /** Starts ESP-NOW on this channel, or moves there; '' or what went wrong. */
  start(channel: number): string {
    this.prepare();
    try {
      this.station.config({ channel: channel });
    } catch (error) {
      if (!(error instanceof RuntimeError) && !(error instanceof OSError)) throw error;
      // A joined station sets no channel, but may be on it.
      if (!ROUTER || this.station.config('channel') !== channel)
        return `channel ${channel} is not available on this board`;
    }
    if (!this.on) this.restart();
    return '';
  }

  isOn(): boolean {
    return this.on;
  }

  /** Peers are forgotten by deactivation, and adding one before the first activation crashes the chip: this order only. */
  private restart(): void {
    this.on = false;
    this.espNow.active(false);
    this.espNow.config({ rxbuf: RECEIVE_BUFFER_BYTES });
    this.espNow.active(true);
    this.addPeer(this.broadcast, this.none);
    this.failures = 0;
    this.stuckSinceMs = -1;
    this.on = true;
    if (this.peer.length > 0) this.addPeer(this.peer, this.secrets);
  }

  private addPeer(mac: Uint8Array, secrets: Uint8Array): void {
    try {
      if (secrets.length === 0) this.espNow.add_peer(mac);
      else {
        this.espNow.set_pmk(bytes(secrets.subarray(0, KEY_BYTES)));
        this.espNow.add_peer(mac, bytes(secrets.subarray(KEY_BYTES)));
      }
    } catch (error) {
      if (!(error instanceof OSError)) throw error;
      const name = error.args.length > 1 ? error.args[1] : null;
      if (typeof name !== 'string' || name !== 'ESP_ERR_ESPNOW_EXIST') throw error;
    }
  }

  /** Makes this key the only peer beside the broadcast one, '' none; secrets: PMK and LMK, or empty. Needs start(). */
  setPeer(key: string, secrets: Uint8Array): void {
    if (!this.on) return;
    if (this.peer.length > 0) {
      try {
        this.espNow.del_peer(this.peer);
      } catch (error) {
        if (!(error instanceof OSError)) throw error;
      }
    }
    const mac = macBytes(key);
    this.peer = mac === null ? this.none : bytes(mac);
    this.secrets = secrets;
    if (mac !== null) this.addPeer(this.peer, secrets);
  }

  private recover(nowMs: number): void {
    if (nowMs - this.restartedAtMs < RESTART_GAP_MS) return;
    this.restartedAtMs = nowMs;
    this.trouble += 1;
    this.restart();
  }

  /** Whether a frame can be handed over now without waiting. */
  canSend(nowMs: number): boolean {
    if (!this.on || nowMs - this.sentAtMs < SEND_GAP_MS) return false;
    const stats = this.espNow.stats();
    if (stats[0] - stats[1] <= MOST_OUTSTANDING) {
      this.stuckSinceMs = -1;
      return true;
    }
    if (this.stuckSinceMs < 0) this.stuckSinceMs = nowMs;
    else if (nowMs - this.stuckSinceMs > STUCK_MS) this.recover(nowMs);
    return false;
  }

  /**
   * Sends to the peer with this key, or broadcasts when it is ''. The driver checks no length, and over 250 bytes would jam
   * every receiver around. What is for a peer that is none any more is dropped.
   */
  send(to: string, frame: Uint8Array, nowMs: number): void {
    if (frame.length > AIR_MAX_BYTES || frame.length === 0) {
      this.trouble += 1;
      return;
    }
    if (to !== NO_NODE && to !== toHex(this.peer)) return;
    this.sentAtMs = nowMs;
    try {
      this.espNow.send(to === NO_NODE ? this.broadcast : this.peer, frame, false);
      this.failures = 0;
    } catch (error) {
      if (!(error instanceof OSError)) throw error;
      this.trouble += 1;
      this.failures += 1;
      if (this.failures >= MOST_FAILURES) this.recover(nowMs);
    }
  }

  /** The next frame, or null. The result is overwritten by the next call; its bytes are not. */
  receive(nowMs: number): ReceivedFrame | null {
    if (!this.on) return null;
    try {
      const received = this.espNow.irecv(0);
      const mac = received[0];
      const message = received[1];
      if (mac === null || message === null) return null;
      const table = this.espNow.peers_table;
      this.senders = len(table);
      this.frame.from = toHex(mac);
      this.frame.rssiDbm = table.get(mac)[0];
      this.frame.bytes = new Uint8Array(message);
      return this.frame;
    } catch (error) {
      // No room for a copy: it is as lost as on the air. The driver has taken all of it from its buffer before it asks for memory.
      if (error instanceof MemoryError) this.trouble += 1;
      else if (error instanceof ValueError || error instanceof OSError) this.recover(nowMs);
      else throw error;
      return null;
    }
  }
}
