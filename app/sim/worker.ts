/** The whole virtual world in one worker. */
import wasmUrl from '@micropython/micropython-webassembly-pyscript/micropython.wasm?url';
import type { Endpoint } from './messages.ts';
import { WorldServer } from './world-server.ts';

new WorldServer(self as unknown as Endpoint, wasmUrl);
