/** For tests: worker.ts as a thread of Node. */
import { parentPort } from 'node:worker_threads';
import type { Endpoint } from '../messages.ts';
import { WorldServer } from '../world-server.ts';

const port = parentPort!;
const endpoint: Endpoint = {
  postMessage: (message, transfer) => port.postMessage(message, transfer as never),
  onmessage: null,
};
new WorldServer(endpoint, undefined);
port.on('message', (data) => endpoint.onmessage?.({ data } as MessageEvent));
