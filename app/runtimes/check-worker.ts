/** Checks runtime files off the page's thread: hashing two megabytes would hold it. Started by check-client.ts. */
import { checkRuntime } from './check.ts';
import type { CheckReply, CheckRequest } from './check-client.ts';

globalThis.onmessage = (event: MessageEvent<CheckRequest>) => {
  const { number, bytes } = event.data;
  let reply: CheckReply;
  try {
    reply = { number, check: checkRuntime(bytes) };
  } catch (error) {
    reply = { number, failure: error instanceof Error ? error.message : String(error) };
  }
  globalThis.postMessage(reply);
};
