/** What one node says about itself and others on its console, as far as a rehearsal judges it. */
import type { VirtualBoard } from '../board.ts';
import { FrameLines } from '../trace.ts';
import type { NodePlace } from '../trace.ts';

/** `{"t":"node","mac":"24:0a:c4:00:00:10"`: members come in a fixed order (firmware-src/node/lines.ts). */
const NODE_START = '{"t":"node","mac":"';
const GONE_START = '{"t":"gone","mac":"';
const MAC_CHARACTERS = 17;
/** Addresses remembered as text; a newer one takes the place of an older one that falls on the same. */
const SLOTS = 2048;

export interface ObserverEvents {
  onFrame(board: VirtualBoard, frame: Uint8Array): void;
  /** Any line but one about another node, which holds what every node knows. */
  onText(board: VirtualBoard, text: string): void;
  /** @param was what it said before; undefined when that is its first word */
  onPlace(board: VirtualBoard, place: NodePlace, was: NodePlace | undefined): void;
  /** It counts this address among the nodes of its mesh. */
  onSeen(board: VirtualBoard, mac: string): void;
  onHello(board: VirtualBoard, state: string): void;
  /** main.py says that an exception got out of the firmware. */
  onFailure(board: VirtualBoard, text: string): void;
}

const decoder = new TextDecoder();
const macs = new Array<string>(SLOTS).fill('');

export class Observer {
  readonly board: VirtualBoard;
  /** Its own word; undefined until it has spoken, and again after a restart. */
  place: NodePlace | undefined;
  /** Addresses in its view, its own left out. */
  readonly view = new Set<string>();
  readonly #events: ObserverEvents;

  constructor(board: VirtualBoard, events: ObserverEvents) {
    this.board = board;
    this.#events = events;
    const lines = new FrameLines((frame) => this.#frame(frame));
    board.onConsole = (bytes) => {
      lines.push(bytes);
    };
  }

  /** It was switched off or restarted: what it said is of no worth any more. */
  forget(): void {
    this.place = undefined;
    this.view.clear();
  }

  #frame(frame: Uint8Array): void {
    this.#events.onFrame(this.board, frame);
    const mac = macAfterStart(frame);
    if (mac !== undefined && mac !== this.board.mac) {
      this.view.add(mac);
      this.#events.onSeen(this.board, mac);
      return;
    }
    const text = decoder.decode(frame);
    this.#events.onText(this.board, text);
    if (mac !== undefined) this.#node(text);
    else if (text.startsWith(GONE_START)) this.view.delete(macIn(text));
    else if (text.startsWith('{"t":"hello"')) {
      this.#events.onHello(this.board, (JSON.parse(text) as { state: string }).state);
    } else if (text.includes('firmware failed')) this.#events.onFailure(this.board, text);
  }

  /** Its own state. */
  #node(text: string): void {
    const { parent, root, role, hops } = JSON.parse(text) as NodePlace;
    const was = this.place;
    this.place = { parent, root, role, hops };
    if (was?.parent === parent && was.root === root && was.role === role && was.hops === hops) {
      return;
    }
    this.#events.onPlace(this.board, this.place, was);
  }
}

/** The address in a frame that begins as one about a node; nearly all of them do, and no more of those is of interest. */
function macAfterStart(frame: Uint8Array): string | undefined {
  if (frame.length < NODE_START.length + MAC_CHARACTERS) return undefined;
  for (let i = 0; i < NODE_START.length; i++) {
    if (frame[i] !== NODE_START.charCodeAt(i)) return undefined;
  }
  // Each node's is told by all others again and again: one string for all, not one for each character.
  let hash = 0;
  for (let i = NODE_START.length; i < NODE_START.length + MAC_CHARACTERS; i++)
    hash = (Math.imul(hash, 31) + frame[i]!) | 0;
  const slot = (hash ^ (hash >>> 13)) & (SLOTS - 1);
  const known = macs[slot]!;
  if (isMac(frame, known)) return known;
  const mac = decoder.decode(frame.subarray(NODE_START.length, NODE_START.length + MAC_CHARACTERS));
  macs[slot] = mac;
  return mac;
}

function isMac(frame: Uint8Array, mac: string): boolean {
  if (mac.length !== MAC_CHARACTERS) return false;
  for (let i = 0; i < MAC_CHARACTERS; i++)
    if (frame[NODE_START.length + i] !== mac.charCodeAt(i)) return false;
  return true;
}

function macIn(text: string): string {
  return text.slice(NODE_START.length, NODE_START.length + MAC_CHARACTERS);
}
