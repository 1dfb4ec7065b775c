/**
 * A node's part in the joining handshake: the machines of mps, their ways to the other side, and what they ask of the driver.
 * A board has it in its memory only while one of its windows is open (features.ts, LAZY_PARTS): joining.ts opens it and lets it go.
 *
 *   way                         opened by                              this node is          the other side
 *   --------------------------  -------------------------------------  --------------------  ------------------------------
 *   its console                 mps.open                               the one that joins    the laptop
 *   the air, without keys       its button, mps.open "ask"             the one that joins    a joined node, or a carrier
 *   the air, joined             its button, mps.open "admit"           registrar             nodes without keys
 *   the air and its console     mps.open "carry"                       carrier of messages   one node without keys; the laptop
 *
 * As registrar it hands out what it has itself, but for names, which stay with the node, the console key, which is another
 * for every board and cannot be derived here, and the setup key, which the node has proved to have.
 */
import { toBase64Url } from '../std/base64url.ts';
import { toHex } from '../std/hex.ts';
import { NO_NODE } from '../wire/cells.ts';
import { encodeCredentials } from '../wire/credentials.ts';
import { BOARD_PART_BYTES, PartJoiner, splitParts } from '../wire/parts.ts';
import { isSetupFrame } from '../wire/setup-frame.ts';
import { MpsNode } from '../mps/node.ts';
import { MpsRegistrar } from '../mps/registrar.ts';
import { SETUP_ON_AIR } from '../features.ts';
import { AirSetup, ROLE_ASK, ROLE_CLOSED, ROLE_SERVE } from './air-setup.ts';
import type { Joining, JoiningRequest } from './joining.ts';
import type { Reporter } from './reporter.ts';
import type { Identity, NodeOutput, NodeSetup } from './setup.ts';

export function openSession(joining: Joining): JoiningSession {
  return new JoiningSession(joining);
}

export class JoiningSession {
  private readonly joining: Joining;
  private readonly setup: NodeSetup;
  private readonly identity: Identity;
  private readonly mps: MpsNode;
  private readonly key: string;
  private readonly reporter: Reporter;
  private readonly outputs: NodeOutput[];
  private readonly joiner: PartJoiner = new PartJoiner();
  private readonly air: AirSetup;
  /** While this node admits others. */
  private registrar: MpsRegistrar | null = null;
  private atMs = -1;
  private registrarAtMs = -1;

  constructor(joining: Joining) {
    const { setup, identity, key, reporter, outputs } = joining;
    this.joining = joining;
    this.setup = setup;
    this.identity = identity;
    this.mps = new MpsNode({
      crypto: setup.crypto,
      mac: setup.mac,
      nodeKey: identity.nodeKey,
      setupKey: identity.setupKey,
      pauses: joining.pauses,
    });
    this.key = key;
    this.reporter = reporter;
    this.outputs = outputs;
    this.air = new AirSetup(setup.crypto, key, outputs);
  }

  /** Nothing is open, and nothing is left to be done. */
  isOver(): boolean {
    return !this.mps.isOpen() && !this.isOpen() && this.registrar === null;
  }

  /** The window on the air is open. */
  isOpen(): boolean {
    return SETUP_ON_AIR && this.air.role !== ROLE_CLOSED;
  }

  /** A request of the laptop: mps.open, mps.payload or mps.close. '' or the code of what is wrong. */
  serve(request: JoiningRequest, atMs: number): string {
    const carries = this.air.role === ROLE_SERVE && this.registrar === null;
    if (request.type === 'mps.open') return this.serveOpen(request, atMs);
    if (request.type === 'mps.close') {
      if (this.isOpen()) this.close();
      this.mps.close();
      return '';
    }
    const bytes = request.data;
    if (bytes === null || bytes.length === 0) return 'bad-data';
    const whole = this.joiner.add(request.part, request.parts, bytes);
    if (whole === null) return '';
    if (SETUP_ON_AIR && carries) this.air.send(whole);
    else this.mps.receive(whole, atMs);
    return '';
  }

  private serveOpen({ role, mac }: JoiningRequest, atMs: number): string {
    if (role === '') {
      this.close();
      this.mps.open(atMs);
      return '';
    }
    if (SETUP_ON_AIR) {
      const joined = this.joining.member !== null;
      if (role === 'carry') {
        if (!joined) return 'not-joined';
        if (mac === null) return 'bad-mac';
        this.registrar = null;
        this.air.open(ROLE_SERVE, this.setupKey(), toHex(mac), atMs);
        return '';
      }
      if (role === 'ask' ? !joined : role === 'admit' && joined) return this.press(atMs);
    }
    return 'bad-role';
  }

  private setupKey(): Uint8Array | null {
    const member = this.joining.member;
    const key = member === null ? null : member.setupKey;
    return key ?? this.identity.setupKey;
  }

  /** Somebody wants setup at this board: it admits others, or asks to be admitted. '' or the code of what is wrong. */
  press(atMs: number): string {
    if (SETUP_ON_AIR) {
      const member = this.joining.member;
      const setupKey = this.setupKey();
      this.close();
      if (member === null) {
        this.mps.open(atMs);
        this.air.open(ROLE_ASK, setupKey, NO_NODE, atMs);
        this.drain(atMs);
        return '';
      }
      if (setupKey === null) {
        this.reporter.log(1, 'no setup key: only the laptop can admit nodes here');
        return 'no-setup-key';
      }
      this.registrar = new MpsRegistrar({
        crypto: this.setup.crypto,
        networkId: member.networkId,
        mac: null,
        nodeKey: null,
        setupKey: setupKey,
        credentials: encodeCredentials({
          networkId: member.networkId,
          epoch: member.epoch,
          networkKey: member.networkKey,
          channel: member.channel,
          timing: member.timing,
          name: '',
          zone: '',
          previous: member.previous,
          consoleKey: null,
          setupKey: null,
          router: member.router,
        }),
      });
      this.registrar.open(atMs);
      this.air.open(ROLE_SERVE, setupKey, NO_NODE, atMs);
      this.drain(atMs);
    }
    return '';
  }

  private close(): void {
    if (!SETUP_ON_AIR) return;
    this.registrar = null;
    this.air.close();
  }

  /** A frame from the radio; false when it is not for setup, or nobody opened the window. */
  receiveFrame(from: string, bytes: Uint8Array, atMs: number): boolean {
    if (SETUP_ON_AIR && this.isOpen() && isSetupFrame(bytes)) {
      const message = this.air.receive(from, bytes, atMs);
      if (message === null) return true;
      const registrar = this.registrar;
      if (registrar !== null) registrar.receive(message, atMs);
      else if (this.air.role === ROLE_ASK) this.mps.receive(message, atMs);
      else this.toConsole(message);
      this.drain(atMs);
      return true;
    }
    return false;
  }

  /** The driver wrote the credentials, or could not. */
  stored(ok: boolean, atMs: number): void {
    this.mps.committed(ok, atMs);
    this.drain(atMs);
  }

  /** Does what the machines ask; after every call of serve(). */
  drain(atMs: number): void {
    for (;;) {
      const output = this.mps.poll();
      if (output.kind === 'wake') {
        this.atMs = output.atMs;
        break;
      }
      const onAir = this.air.role === ROLE_ASK;
      if (output.kind === 'send') {
        if (SETUP_ON_AIR && onAir) this.air.send(output.bytes);
        else this.toConsole(output.bytes);
      } else if (output.kind === 'commit') {
        this.outputs.push({ kind: 'credentials', bytes: output.credentials });
      } else if (output.kind === 'failed') {
        this.failed(output.code);
        if (SETUP_ON_AIR && onAir) this.close();
      } else {
        this.reporter.event('mps-done', this.key);
        if (SETUP_ON_AIR && onAir) this.air.settle();
      }
    }
    if (SETUP_ON_AIR) this.drainRegistrar(atMs);
  }

  /** One window serves one node after the other; only its end, or another press, closes it. */
  private drainRegistrar(atMs: number): void {
    const registrar = this.registrar;
    if (registrar === null) return;
    for (;;) {
      const output = registrar.poll();
      if (output.kind === 'wake') {
        this.registrarAtMs = output.atMs;
        return;
      }
      if (output.kind === 'send') this.air.send(output.bytes);
      else if (output.kind === 'done' || output.kind === 'failed') {
        if (output.kind === 'failed') this.failed(output.code);
        else this.reporter.event('mps-admitted', toHex(output.proof.mac));
        this.air.part();
        registrar.open(atMs);
      }
    }
  }

  private failed(code: string): void {
    this.reporter.line(`{"t":"event","event":"mps-failed","code":"${code}"}`);
  }

  private toConsole(bytes: Uint8Array): void {
    const parts = splitParts(bytes, BOARD_PART_BYTES);
    for (let part = 0; part < parts.length; part += 1) {
      const data = toBase64Url(parts[part]);
      this.reporter.line(`{"t":"mps","data":"${data}","part":${part},"parts":${parts.length}}`);
    }
  }

  tick(atMs: number): void {
    let busy = this.atMs >= 0 && atMs >= this.atMs;
    if (busy) this.mps.tick(atMs);
    if (SETUP_ON_AIR) {
      const registrar = this.registrar;
      if (registrar !== null && this.registrarAtMs >= 0 && atMs >= this.registrarAtMs) {
        registrar.tick(atMs);
        busy = true;
      }
      this.air.tick(atMs);
    }
    if (busy) this.drain(atMs);
    if (SETUP_ON_AIR && !this.isOpen()) this.registrar = null;
  }

  /** When tick() should come, at `wakeMs` the latest. */
  wakeAtMs(wakeMs: number): number {
    let wake = this.atMs >= 0 ? Math.min(wakeMs, this.atMs) : wakeMs;
    if (SETUP_ON_AIR) {
      if (this.registrar !== null && this.registrarAtMs >= 0) {
        wake = Math.min(wake, this.registrarAtMs);
      }
      wake = this.air.wakeAtMs(wake);
    }
    return wake;
  }
}
