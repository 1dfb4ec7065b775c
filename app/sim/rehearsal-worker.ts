/** One rehearsal in one worker; the page ends it by ending the worker. */
import type { Endpoint } from './messages.ts';
import { RehearsalServer } from './rehearsal-server.ts';
import { wasmUrl } from './wasm-url.ts';

new RehearsalServer(self as unknown as Endpoint, wasmUrl);
