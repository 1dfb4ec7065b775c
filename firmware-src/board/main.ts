/**
 * The board's side: drivers around the node, and the one function that main.py calls for ever. The only folder that
 * touches hardware; nothing in it decides anything about the mesh.
 *
 * Each trap's test is named in app/sim/traps/list.ts, which is compared with this table.
 *
 * Trap of the platform                                                     handled in
 * -----------------------------------------------------------------------  -----------------------------------------
 * add_peer before ESP-NOW was ever active crashes the chip                 radio.ts restart(): one order only
 * a falsy MAC crashes the chip                                             radio.ts: the broadcast MAC, or 6 bytes of a key
 * deactivation forgets the peers                                           radio.ts restart(): adds them again
 * 20 peers in all, 6 or 7 of them encrypted                                radio.ts setPeer(): one, for the exchange only
 * a peer on another channel than the radio's cannot be sent to             radio.ts setPeer(): no channel, the current one
 * Wi-Fi keeps its state over a soft reset                                  main.py: off, then on; radio.ts prepare()
 * the station scans for ever for its access point and goes deaf            radio.ts prepare(): reconnects 0
 * modem sleep loses ESP-NOW frames                                         radio.ts prepare(): pm 0
 * a scan blocks for three seconds and hears nothing                        router.ts: before the radio starts, and in mesh/router.ts' turns
 * a station that looks for a missing router is deaf                        mesh/router.ts: never while a scan has not just heard it
 * a joined station follows its router to another channel                   router.ts: the channel is read every second
 * the channel cannot be set while a station is joined or joining           mesh/router.ts: leaves, waits half a second; startRadio() tries again
 * synchronous send jams at ETIMEDOUT                                       radio.ts send(): never synchronous
 * a full driver queue blocks send for two seconds                          radio.ts canSend(): paced, outstanding counted
 * a lost driver callback, repeated NO_MEM                                  radio.ts recover(): ESP-NOW started again
 * frames over 250 bytes jam receivers of 1.26 to 1.28 for good             radio.ts send() refuses; receive() recovers
 * irecv returns the same buffer and list again                             radio.ts receive(): irecv() and a copy
 * peers_table grows with each new sender, and nothing clears it            tidy(): restart of the board at a bound
 * a full heap has no room for a frame                                      radio.ts receive(), ask(): lost like one on the air
 * ... nor for a request's answer                                            ask(): lost, the laptop asks again
 * default receive buffer holds two frames                                  radio.ts: 4096 bytes
 * any 0x03 on the console interrupts, also one in noise                    console.ts: wire/console-break.ts instead
 * reading stdin for n bytes blocks                                         console.ts: poll, then one byte
 * UART keeps 259 bytes of input (22 ms at 115200 baud)                     no rest while bytes come; window 200 in hello
 * USB-Serial-JTAG stalls on writes of a multiple of 64 bytes               console.ts: pieces of 63 bytes at most
 * a long write blocks at 115200 baud (512 bytes: 44 ms)                    console.ts drain(): what fits the buffer
 * a loop that never rests starves the other tasks                          step(): rests; input and frames end it
 * sleep_ms below 11 ms spins, for the system's tick is 10 ms               console.ts rest(): a poll instead
 * ticks_ms wraps at 2^30                                                   clock.ts adds differences up
 * NVS: i32 and blobs only, errors by name, keys cut at 15                  storage.ts; keys are constants below 15
 * NVS set_i32 raises OverflowError beyond 32 bits                          storage.ts setNumber(): range checked
 * the watchdog cannot be stopped, and would reset a person at the REPL     watchdog.ts release(), from step()'s finally
 * an error out of step()                                                   main.py: traceback, pause, reset
 * garbage collection when the heap is full takes long                      tidy(): collects at quiet points
 * mem_alloc() walks the whole heap                                         tidy(): four times a second at most
 * Wi-Fi needs IDF heap that the Python heap may have taken                 main.py: Wi-Fi on before the firmware loads
 * until an import ends, all that it has read stays in memory                step(): the first one makes the board; LAZY_PARTS
 * the Python heap may have taken what Wi-Fi and sockets need                main.py: pieces behind fences; wifi.ts: no link without 10 KB
 * while they are held, any call of Wi-Fi may raise for want of memory       prepareRadio(): again, until they are given back
 * ... and so may any write to NVS                                           storage.ts waited(): the same
 * connect() while connecting raises; so does one too soon after leaving    uplink.ts: leaves, waits 400 ms, joins
 * what status() says may belong to an earlier attempt                      wifi.ts look(): isconnected(), and a time limit
 * an access point starts on a channel of its own, with an open name        wifi.ts open(): config() at once, with the channel
 * all access points are 192.168.4.1/24 by default, and talk to themselves  child-links.ts open(): a subnet of its own
 * a name server of 0.0.0.0 is refused, and stops the DHCP server           wifi.ts rowOf(): the gateway's address
 * a DHCP server of eight leases                                            wifi.ts: fixed addresses only
 * a dead station stays on the access point's list for minutes              child-links.ts: room for nine; heartbeats count
 * a dead access point is noticed after eight seconds                       link-home.ts: heartbeats, three misses
 * a dead connection is noticed after minutes                               the same
 * ten sockets, and the eleventh raises                                     sockets.ts: seven connections and one listener
 * sendall loses its place; send may be partial                             sockets.ts flush(): keeps what is left
 * a refused connection looks like one that is ready                        sockets.ts: the first send finds out
 * poll() of sockets raises EIO while the system is out of memory            sockets.ts ready()
 * getaddrinfo and connect block                                            numbers only, and never blocking
 * random numbers are weak while the radio is off                           prepare() before MPS can be opened
 * hash objects are single-shot, no HMAC, AES only ECB                      crypto.ts and std
 */
import { MemoryError, OSError } from 'builtins';
import { collect, mem_alloc, mem_free } from 'gc';
import { reset, unique_id } from 'machine';
import { APPLICATION, FIRMWARE_ID, ROUTER, SETUP_ON_AIR, WIFI_TREE } from '../features.ts';
import { ORDER_SCAN } from '../mesh/router.ts';
import { Node } from '../node/node.ts';
import { type NodeFrame, type NodeOutput, type NodePeer, STATE_BLANK } from '../node/setup.ts';
import { makeApplication, runApplication } from './application.ts';
import { chipName, resetCause, runtimeVersion } from './chip.ts';
import { Button } from './button.ts';
import { BoardClock } from './clock.ts';
import { BoardConsole } from './console.ts';
import { BoardCrypto } from './crypto.ts';
import { Light } from './light.ts';
import { Radio } from './radio.ts';
import { openStation, type RouterStation } from './router.ts';
import { Storage } from './storage.ts';
import { Watchdog } from './watchdog.ts';
import { openWifi, type Wifi } from './wifi.ts';

/** Frames handled in one step at most, and the time after which no further one is begun. */
const FRAMES_A_STEP = 6;
const STEP_BUDGET_MS = 6;
/** Frames waiting for the driver; more are dropped, as the air drops some. */
const MOST_FRAMES = 8;
/**
 * The heap is collected when so much was allocated since the last time, at a moment without work. Often, for what lives on is put
 * wherever the heap has come to meanwhile: with 24 KB between two collections, 48 KB were free after minutes of traffic, and no 1500 bytes of it in one piece.
 */
const GARBAGE_BYTES = 6000;
/** With more, collecting waits no longer for such a moment. */
const GARBAGE_MOST_BYTES = 10000;
const TIDY_MS = 250;
/** Rest of a step with nothing to do, where sockets or an application are looked after; the system makes up to 10 ms of it. */
const REST_MS = 5;
/** ... and elsewhere, unless a frame or a byte comes, or the node has to do something before. */
const MOST_REST_MS = 300;
/** Senders in the driver's table (about 100 bytes each) beyond which the board restarts: nothing else empties it. */
const MOST_SENDERS = 450;

/** A driver that found no memory is loaded again after this. */
const LOAD_AGAIN_MS = 30000;
/** Turns in which a channel may be refused. */
const MOST_TUNES = 100;
/** main.py holds what Wi-Fi needs for three seconds. What finds no memory until long after is tried again, later it is an error. */
const HELD_MS = 10000;
const PREPARE_AGAIN_MS = 100;

class Board {
  private readonly clock: BoardClock = new BoardClock();
  private readonly storage: Storage = new Storage();
  private readonly console: BoardConsole = new BoardConsole();
  private readonly watchdog: Watchdog = new Watchdog();
  private readonly light: Light;
  private readonly button: Button;
  private readonly node: Node;
  private radio: Radio | null = null;
  private wifi: Wifi | null = null;
  /** Of the radio once it is tuned, 0 before. */
  private channel = 0;
  private loadAtMs = 0;
  private stationAtMs = 0;
  private router: RouterStation | null = null;
  /** Channel to start the radio on once the console has nothing to write; 0 none. */
  private wantedChannel = 0;
  private tunes = 0;
  private prepareAtMs = 0;
  private readonly frames: (NodeFrame | NodePeer)[] = [];
  private allocatedBytes = 0;
  private troubleShown = '';
  /** Frames, lines and requests that found no memory. */
  private unsent = 0;
  private tidyAtMs = 0;

  constructor() {
    const chip = chipName();
    const identity = this.storage.identity();
    const boot = identity === null ? 0 : this.storage.countBoot();
    this.light = new Light(chip);
    this.button = new Button(chip);
    this.node = new Node({
      mac: new Uint8Array(unique_id()),
      chip: chip,
      runtime: runtimeVersion(),
      firmware: FIRMWARE_ID,
      reset: resetCause(),
      identity: identity,
      credentials: this.storage.blob('creds'),
      boot: boot,
      adminCounter: this.storage.number('admin_n', 0),
      deliveryCounter: this.storage.number('deliv_n', 0),
      channel: ROUTER ? this.storage.number('channel', 0) : 0,
      crypto: new BoardCrypto(),
    });
    if (APPLICATION) this.node.carry((mesh) => makeApplication(mesh));
    this.node.start(this.clock.nowMs());
  }

  step(): void {
    const startMs = this.clock.nowMs();
    const node = this.node;
    const heard = this.receive(startMs);
    const frame = this.console.readFrame(startMs);
    if (frame !== null) this.ask(frame);
    if (SETUP_ON_AIR && this.button.isPressed(startMs)) node.press(startMs);
    node.tick(this.clock.nowMs());
    if (APPLICATION) runApplication(this.node, this.clock);
    if (WIFI_TREE) this.link();
    if (ROUTER) this.serveRouter();
    const asked = this.drain();
    this.transmit();
    const writing = this.console.drain(this.clock.nowMs());
    const tuning = this.radio === null || this.wantedChannel !== 0;
    const sending = this.frames.length > 0 || (asked && tuning);
    const nowMs = this.clock.nowMs();
    this.light.tick(nowMs);
    this.watchdog.feed();
    if (nowMs >= this.tidyAtMs)
      this.tidy(heard || sending || writing || this.console.reading, nowMs);
    const tookMs = this.clock.nowMs() - startMs;
    if (tookMs > node.loopMs) node.loopMs = tookMs;
    if (this.console.reading || (heard && sending)) return;
    let restMs = sending ? 1 : this.restMs(nowMs);
    if (writing && restMs > 1) {
      const roomMs = this.console.roomMs();
      if (roomMs < restMs) restMs = roomMs;
    }
    this.console.rest(restMs);
  }

  private restMs(nowMs: number): number {
    if (APPLICATION || WIFI_TREE || ROUTER) return REST_MS;
    let wakeMs = this.node.wakeAtMs() - nowMs;
    const lightMs = this.light.wakeAtMs(nowMs) - nowMs;
    if (lightMs < wakeMs) wakeMs = lightMs;
    if (wakeMs > MOST_REST_MS) return MOST_REST_MS;
    return wakeMs < 1 ? 1 : wakeMs;
  }

  private receive(startMs: number): boolean {
    const radio = this.radio;
    if (radio === null) return false;
    for (let i = 0; i < FRAMES_A_STEP; i += 1) {
      const nowMs = this.clock.nowMs();
      if (i > 0 && nowMs - startMs > STEP_BUDGET_MS) return true;
      const frame = radio.receive(nowMs);
      if (frame === null) return i > 0;
      this.node.receiveFrame(frame.from, frame.rssiDbm, frame.bytes, nowMs);
    }
    return true;
  }

  /** The Wi-Fi links, once the radio is on its channel. */
  private link(): void {
    const network = this.node.network;
    if (network === null || network.links === null) return;
    const nowMs = this.clock.nowMs();
    const wifi = this.loadedWifi(nowMs);
    if (wifi === null) network.links.room(false);
    else if (this.channel !== 0) {
      wifi.channel = this.channel;
      wifi.step(network.links, nowMs);
    }
  }

  /** The driver for links, loaded before the radio is on; null while there is no memory for it. */
  private loadedWifi(nowMs: number): Wifi | null {
    if (this.wifi === null && nowMs >= this.loadAtMs) {
      this.loadAtMs = nowMs + LOAD_AGAIN_MS;
      try {
        this.wifi = openWifi();
      } catch (error) {
        this.node.reporter.notLoaded('wifi', error);
      }
    }
    return this.wifi;
  }

  private serveRouter(): void {
    const network = this.node.network;
    // Not before the radio is where the mesh is.
    if (this.radio === null || this.wantedChannel !== 0) return;
    if (network === null || network.router === null) return;
    const station = this.loadedStation();
    if (station !== null) station.step(network.router, this.clock);
    else if (network.router.takeOrder() === ORDER_SCAN) {
      // Nothing was heard, then: the mesh begins without, and it is scanned for again.
      network.router.scanned(0, 0, '', this.clock.nowMs());
    }
  }

  /** The driver for the router; null while there is no memory for it. */
  private loadedStation(): RouterStation | null {
    const nowMs = this.clock.nowMs();
    if (this.router === null && nowMs >= this.stationAtMs) {
      this.stationAtMs = nowMs + LOAD_AGAIN_MS;
      try {
        this.router = openStation();
      } catch (error) {
        this.node.reporter.notLoaded('router', error);
      }
    }
    return this.router;
  }

  /** Does what the node asks, as long as the console has room for a line; true when there was anything. */
  private drain(): boolean {
    let busy = false;
    while (!this.console.isFull()) {
      const output = this.ask(null);
      if (output === null) {
        if (!busy) this.startRadio();
        return busy;
      }
      busy = true;
      this.perform(output);
    }
    return true;
  }

  /**
   * Hands over a request, or asks what is next. A request, a frame or a line that finds no memory is lost, as some are on their way: the
   * laptop asks again, and what the node knows is as if the others had been sent. Whatever else finds none may be half done, and ends
   * in a restart.
   */
  private ask(request: Uint8Array | null): NodeOutput | null {
    const nowMs = this.clock.nowMs();
    try {
      if (request === null) return this.node.poll(nowMs);
      this.node.receiveLine(request, nowMs);
    } catch (error) {
      if (!(error instanceof MemoryError)) throw error;
      this.unsent += 1;
    }
    return null;
  }

  private perform(output: NodeOutput): void {
    switch (output.kind) {
      case 'line':
        this.console.write(output.bytes);
        return;
      case 'frame':
        if (this.frames.length < MOST_FRAMES) this.frames.push(output);
        return;
      case 'peer':
        this.frames.push(output);
        return;
      case 'credentials':
        this.node.stored(
          output.bytes,
          this.storage.setBlob('creds', output.bytes),
          this.clock.nowMs(),
        );
        return;
      case 'number':
        this.storage.setNumber(output.key, output.value);
        return;
      case 'radio':
        this.wantedChannel = output.channel;
        return;
      case 'led':
        this.light.show(output.pattern);
        return;
      case 'reboot':
        this.restart();
    }
  }

  private restart(): void {
    this.console.flush();
    reset();
  }

  private startRadio(): void {
    const node = this.node;
    const nowMs = this.clock.nowMs();
    if (this.radio === null && node.state !== STATE_BLANK) {
      if (nowMs >= this.prepareAtMs) this.prepareRadio(nowMs);
      return;
    }
    const radio = this.radio;
    if (radio === null || this.wantedChannel === 0) return;
    const trouble = radio.start(this.wantedChannel);
    if (trouble !== '' && (nowMs < HELD_MS || (ROUTER && this.tunes < MOST_TUNES))) {
      // A station that was told to leave is not free at once, and Wi-Fi has no memory for it while main.py holds it.
      this.tunes += 1;
      return;
    }
    this.tunes = 0;
    if (WIFI_TREE) this.channel = this.wantedChannel;
    this.wantedChannel = 0;
    if (trouble !== '') node.log(0, trouble);
  }

  private prepareRadio(nowMs: number): void {
    const radio = new Radio();
    try {
      radio.prepare();
    } catch (error) {
      if (!(error instanceof OSError) || nowMs >= HELD_MS) throw error;
      this.prepareAtMs = nowMs + PREPARE_AGAIN_MS;
      return;
    }
    this.radio = radio;
    this.console.wakeBy(radio.espNow);
  }

  private transmit(): void {
    const radio = this.radio;
    if (radio === null) return;
    const nowMs = this.clock.nowMs();
    if (this.frames.length === 0 || !radio.canSend(nowMs)) return;
    const frame = this.frames.shift() ?? null;
    if (frame === null) return;
    if (frame.kind === 'peer') radio.setPeer(frame.to, frame.secrets);
    else radio.send(frame.to, frame.bytes, nowMs);
    this.node.radioTrouble = radio.trouble + this.unsent;
  }

  private tidy(busy: boolean, nowMs: number): void {
    this.tidyAtMs = nowMs + TIDY_MS;
    const trouble = this.storage.trouble;
    if (trouble !== this.troubleShown) {
      this.troubleShown = trouble;
      this.node.log(0, trouble);
    }
    const garbage = mem_alloc() - this.allocatedBytes;
    // Less than the last time was left: the heap was full and was collected, and nothing would be due until it is full again.
    if (garbage >= 0 && (garbage < GARBAGE_BYTES || (busy && garbage < GARBAGE_MOST_BYTES))) return;
    this.collect();
    const radio = this.radio;
    if (radio !== null && radio.senders > MOST_SENDERS) this.restart();
  }

  private collect(): void {
    collect();
    this.allocatedBytes = mem_alloc();
    this.node.heapUsed = this.allocatedBytes;
    this.node.heapFree = mem_free();
  }

  wantsRepl(): boolean {
    return this.console.stopped;
  }

  release(): void {
    this.console.flush();
    this.console.release();
    this.watchdog.release();
  }
}

let board: Board | null = null;

/**
 * One turn of the loop; false once somebody wants the REPL. Then, and when an error gets out, the watchdog is let go. The first
 * one makes the board: while this file is imported, all that was read of it is still in memory, some 30 KB that are free by now.
 */
export function step(): boolean {
  board ??= new Board();
  let finished = false;
  try {
    board.step();
    finished = !board.wantsRepl();
  } finally {
    if (!finished) board.release();
  }
  return finished;
}
