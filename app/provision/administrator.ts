import type { BoardConsole } from '../console/board-console.ts';
import { v8Crypto } from '../keys/crypto.ts';
import { consoleKeyFor, ConsoleSigner } from '../../firmware-src/wire/request-line.ts';

/**
 * Requests that change something are tagged from now on, as by the network's administrator.
 * @param mac of the board on the console, 6 bytes
 */
export function signAsAdministrator(
  board: BoardConsole,
  adminKey: Uint8Array,
  mac: Uint8Array,
): void {
  const consoleKey = consoleKeyFor(v8Crypto, adminKey, mac);
  board.useSigner(new ConsoleSigner(v8Crypto, consoleKey, mac));
}
