/**
 * What an application on a node may use: `import { Application, type Mesh, type Message } from 'meshwright'`.
 * docs/applications.md says how one is written and built. The runtime's own modules ('machine', 'time', ...) may be imported too,
 * as far as firmware-src/ambient declares them.
 */
import { utf8Decode } from '../std/utf8.ts';

/** For Mesh.send: every other node, and the node that is root when the message is sent. */
export const ALL = '*';
export const ROOT = '^';
/** Longest message in bytes of UTF-8. Up to 205 travel in one frame, more in up to 8. */
export const MOST_BYTES = 1500;

/** A message that came in. */
export class Message {
  /** Address of the node that sent it, `24:0a:c4:00:00:01`; its name and zone, '' while they are not known here. */
  readonly from: string;
  readonly name: string;
  readonly zone: string;
  /** Sent to all, not to this node alone. */
  readonly toAll: boolean;
  readonly bytes: Uint8Array;

  constructor(from: string, name: string, zone: string, toAll: boolean, bytes: Uint8Array) {
    this.from = from;
    this.name = name;
    this.zone = zone;
    this.toAll = toAll;
    this.bytes = bytes;
  }

  /** The bytes as text; '' when they are no UTF-8. */
  get text(): string {
    return utf8Decode(this.bytes) ?? '';
  }
}

/** Another node, as this one knows it. */
export interface MeshNode {
  readonly id: string;
  readonly name: string;
  readonly zone: string;
  /** '' for a root. */
  readonly parent: string;
  readonly isRoot: boolean;
  /** Strength of its own frames here in dBm; 0 when it is out of range. */
  readonly rssiDbm: number;
}

/**
 * Why a message was not sent:
 * `no-network` this node has not joined one; `unknown-node` no present node has this address or name; `ambiguous-name` more than
 * one has; `no-root` there is none at the moment; `empty`, `too-long` the content is not 1 to 1500 bytes; `busy` too many
 * messages wait here: send it again a little later.
 */
export type SendProblem =
  'no-network' | 'unknown-node' | 'ambiguous-name' | 'no-root' | 'empty' | 'too-long' | 'busy';

export type SendResult =
  /** On its way. The number comes back in Application.sent() if an acknowledgement was asked for. */
  | { readonly ok: true; readonly number: number }
  /** `text` says what happened and what to do. */
  | { readonly ok: false; readonly code: SendProblem; readonly text: string };

/** This node and the mesh around it. Nothing here throws for what happens on the air. */
export interface Mesh {
  /** This node's address, `24:0a:c4:00:00:01`. */
  readonly id: string;
  readonly name: string;
  readonly zone: string;
  readonly isRoot: boolean;
  /** Addresses; '' when there is none at the moment. A root has no parent. */
  readonly root: string;
  readonly parent: string;
  /** The IP address that the network's router gave this node; '' on all nodes but the root, and while it has not joined. */
  readonly routerAddress: string;
  /** Milliseconds since start, never falling. */
  readonly nowMs: number;
  /** The other nodes that are present. */
  nodes(): MeshNode[];
  /**
   * Sends to an address, a node's name, ALL or ROOT. Without `acknowledge` a message can be lost without a word; with it, it is
   * sent up to three times, and sent() hears how it ended within 11 s. Not for ALL, which takes no acknowledgement.
   */
  send(to: string, content: string | Uint8Array, acknowledge?: boolean): SendResult;
  /** A line on this node's console, cut at 300 characters. */
  log(text: string): void;
}

/**
 * An application extends this and overrides what it needs. All methods are called from the node's one loop, never while another
 * one runs, and must return soon: while one runs, the node neither hears nor sends. What it throws is caught and counted.
 */
export class Application {
  readonly mesh: Mesh;

  constructor(mesh: Mesh) {
    this.mesh = mesh;
  }

  /** Once, after the node has started; it may not have joined a network yet. */
  start(): void {
    return;
  }

  /** For each message to this node or to all; never for own messages to all. */
  process(_message: Message): void {
    return;
  }

  /** About 20 times a second. `nowMs` is mesh.nowMs. */
  tick(_nowMs: number): void {
    return;
  }

  /** The request `app.button` on the console: a button for boards that have none. */
  button(): void {
    return;
  }

  /** How an acknowledged message ended: in the other application's hands, or unknown after three tries. */
  sent(_number: number, _arrived: boolean): void {
    return;
  }
}
