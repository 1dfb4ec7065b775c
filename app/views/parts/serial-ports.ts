/** Serial ports under ids of our own, so that the screens can name a port without knowing what it is. */
import { bridgeOf } from '../../link/bridges.ts';
import type { SerialPortLike } from '../../link/serial-port.ts';
import {
  grantedPorts,
  requestBoardPort,
  watchPorts,
  type SerialLike,
} from '../../link/web-serial.ts';
import type { BoardPort, RealPorts } from '../shared/ports.ts';

export class SerialPorts {
  #serials = new Map<string, SerialPortLike>();
  #boards = new Map<SerialPortLike, BoardPort>();
  #macs = new Map<string, string>();
  /** For each known board, the ports that were there when it was: none of them is where it comes back. */
  #around = new Map<string, readonly SerialPortLike[]>();
  #movers = new Set<() => void>();
  #count = 0;

  /** The same port gets the same entry. */
  add(
    serial: SerialPortLike,
    about: Omit<BoardPort, 'id'>,
    id = `${about.kind}-${++this.#count}`,
  ): BoardPort {
    const known = this.#boards.get(serial);
    if (known) return known;
    const port: BoardPort = { id, ...about };
    this.#serials.set(id, serial);
    this.#boards.set(serial, port);
    return port;
  }

  serialOf(port: Pick<BoardPort, 'id'>): SerialPortLike {
    const serial = this.#serials.get(port.id);
    if (!serial) throw Object.assign(new Error(`port ${port.id} is gone`), { code: 'unplugged' });
    return serial;
  }

  drop(id: string): void {
    const serial = this.#serials.get(id);
    if (serial) this.#boards.delete(serial);
    this.#serials.delete(id);
    this.#macs.delete(id);
    this.#around.delete(id);
  }

  /** The board at this port said who it is. */
  learn(port: Pick<BoardPort, 'id'>, mac: string): void {
    const own = this.serialOf(port);
    this.#macs.set(port.id, mac);
    this.#around.set(
      port.id,
      [...this.#boards.keys()].filter((serial) => serial !== own),
    );
  }
  macOf(port: Pick<BoardPort, 'id'>): string | null {
    return this.#macs.get(port.id) ?? null;
  }

  /** Ports that are known to be other boards'. */
  othersThan(port: Pick<BoardPort, 'id'>): SerialPortLike[] {
    const own = this.#serials.get(port.id);
    const known = [...this.#macs.keys()].map((id) => this.#serials.get(id));
    const all = new Set([...(this.#around.get(port.id) ?? []), ...known]);
    return [...all].filter((serial) => serial !== undefined && serial !== own) as SerialPortLike[];
  }

  /** The board came back at another port: it keeps its entry, and the port's own entry goes. */
  move(port: BoardPort, serial: SerialPortLike): void {
    const old = this.#serials.get(port.id);
    if (old === serial) return;
    if (old) this.#boards.delete(old);
    const entry = this.#boards.get(serial);
    if (entry) this.drop(entry.id);
    this.#serials.set(port.id, serial);
    this.#boards.set(serial, port);
    for (const tell of this.#movers) tell();
  }

  /** Calls when a board moved; returns the way to stop. */
  watchMoves(moved: () => void): () => void {
    this.#movers.add(moved);
    return () => this.#movers.delete(moved);
  }
}

/** The browser's ports as the screens use them. */
export function realPorts(serial: SerialLike, ports: SerialPorts): RealPorts {
  const entry = (port: SerialPortLike): BoardPort =>
    ports.add(port, { kind: 'real', label: bridgeOf(port.getInfo()).name, mac: null, chip: null });
  return {
    granted: async () => (await grantedPorts(serial)).map(entry),
    pick: async () => {
      try {
        return entry(await requestBoardPort(serial));
      } catch (error) {
        // Closing the list is an answer, not a failure.
        if (error instanceof Error && 'code' in error && error.code === 'nothing-chosen')
          return null;
        throw error;
      }
    },
    watch: (changed) => {
      const stopMoves = ports.watchMoves(changed);
      const stopPorts = watchPorts(serial, { onPlugged: changed, onUnplugged: changed });
      return () => {
        stopMoves();
        stopPorts();
      };
    },
  };
}
