/**
 * Credentials that come to a joined node over the mesh (wire/delivery.ts), and a plugged-in node's part in bringing them there.
 *
 *   laptop -- deliver: to, data --> plugged-in node == control messages over the mesh ==> node: checks, stores, answers
 *          <-- receipt: mac, data --                <== its receipt ====================
 *
 * A control message is an application message's frames with the try 3: relays pass them on like any, no application sees them.
 * They are sent once; the laptop sends again what brought no receipt.
 *
 * A new network key in three steps, each one atomic write of the credentials, so that a cut leaves the one before:
 *   told      two keys; sends under the older one, takes both                   a delivery of a newer epoch
 *   switched  two keys; sends under the newer one, takes both                   a delivery that says so, or a frame under it heard
 *   done      one key; frames under the older one are refused ("epoch")         two minutes later, or a delivery that says so
 *
 * What is done with a delivery is in delivery-work.ts, which is loaded for it. A node without room for that says so (`no-memory`), and
 * stays as it is: the laptop sends again.
 */
import { concatBytes } from '../std/bytes.ts';
import type { AppFrame } from '../wire/app-message.ts';
import { NO_NODE } from '../wire/cells.ts';
import type { Credentials } from '../wire/credentials.ts';
import { DELIVERED, DELIVERY_NOT_STORED } from '../wire/delivery-status.ts';
import { PartJoiner } from '../wire/parts.ts';
import { answer, handle, retire, send } from './delivery-work.ts';
import type { Node } from './node.ts';
import { NO_MEMORY, type Reporter } from './reporter.ts';
import type { NodeSetup } from './setup.ts';

/** From sending under the new key to forgetting the old one: long enough for everybody near to notice. */
const FORGET_MS = 120000;
/** A write that failed is tried again after so long. */
const AGAIN_MS = 10000;

export class Deliveries {
  readonly node: Node;
  readonly setup: NodeSetup;
  private readonly reporter: Reporter;
  /** Parts from the console, and parts of the message that is coming in over the mesh. */
  private readonly joiner: PartJoiner = new PartJoiner();
  private incoming = '';
  private incomingParts: (Uint8Array | null)[] = [];
  count = 0;
  counter: number;
  /** The delivery that is being stored, or was last, and who gets the receipt. */
  lastHeader: Uint8Array = new Uint8Array(0);
  lastStatus = DELIVERED;
  lastFrom = NO_NODE;
  isStoring = false;
  /** When the old key is forgotten, or a failed write tried again; -1 never. */
  private stepAtMs = -1;

  constructor(node: Node, setup: NodeSetup, reporter: Reporter) {
    this.node = node;
    this.reporter = reporter;
    this.setup = setup;
    this.counter = setup.deliveryCounter;
  }

  /** The laptop's request `deliver`. '' or the code of what is wrong. */
  serve(to: string, data: Uint8Array, part: number, parts: number, atMs: number): string {
    const whole = this.joiner.add(part, parts, data);
    if (whole === null) return '';
    try {
      return send(this, to, whole, atMs);
    } catch (error) {
      this.reporter.notLoaded('deliveries', error);
      return NO_MEMORY;
    }
  }

  /** A control frame for this node, heard for the first time. */
  receive(frame: AppFrame, atMs: number): void {
    const name = frame.origin + frame.number.toString();
    if (name !== this.incoming || this.incomingParts.length !== frame.parts) {
      this.incoming = name;
      this.incomingParts = [];
      for (let part = 0; part < frame.parts; part += 1) this.incomingParts.push(null);
    }
    this.incomingParts[frame.part] = frame.bytes.slice();
    let whole: Uint8Array = new Uint8Array(0);
    for (const part of this.incomingParts) {
      if (part === null) return;
      whole = concatBytes(whole, part);
    }
    this.incoming = '';
    try {
      handle(this, frame.origin, whole, atMs);
    } catch (error) {
      this.reporter.notLoaded('deliveries', error);
    }
  }

  /** The driver wrote credentials, or could not; the node goes by them already. */
  stored(ok: boolean, atMs: number): void {
    if (!this.isStoring) return;
    this.isStoring = false;
    if (this.lastFrom !== NO_NODE) {
      this.lastStatus = ok ? DELIVERED : DELIVERY_NOT_STORED;
      try {
        answer(this, this.lastStatus, atMs);
      } catch (error) {
        this.reporter.notLoaded('deliveries', error);
      }
    }
    this.plan(ok ? FORGET_MS : AGAIN_MS, atMs);
  }

  /** Plans the end of a rotation that this node has switched in. */
  plan(waitMs: number, atMs: number): void {
    const credentials = this.node.credentials;
    const previous = credentials === null ? null : credentials.previous;
    this.stepAtMs = previous !== null && previous.retired ? atMs + waitMs : -1;
  }

  tick(atMs: number): void {
    const network = this.node.network;
    const credentials = this.node.credentials;
    if (network === null || credentials === null || this.isStoring) return;
    const previous = credentials.previous;
    if (previous === null) return;
    if (!previous.retired) {
      // A frame under the new key was heard: others have switched.
      if (network.gate.switched && atMs >= this.stepAtMs) {
        this.stepAtMs = atMs + AGAIN_MS;
        this.retire(credentials, true);
      }
    } else if (this.stepAtMs >= 0 && atMs >= this.stepAtMs) {
      this.stepAtMs = atMs + AGAIN_MS;
      this.retire(credentials, false);
    }
  }

  private retire(now: Credentials, keeps: boolean): void {
    try {
      retire(this, now, keeps);
    } catch (error) {
      this.reporter.notLoaded('rotation', error);
    }
  }
}
