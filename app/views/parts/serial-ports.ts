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
    watch: (changed) => watchPorts(serial, { onPlugged: changed, onUnplugged: changed }),
  };
}
