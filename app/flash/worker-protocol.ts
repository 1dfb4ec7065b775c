/** What the page and the flasher's worker say to each other; one channel a session. */
import type { FlashCode } from './flash-error.ts';
import type { BoardIdentity } from './loader-session.ts';
import type { OpenStage, WriteStage } from './flash-session.ts';
import type { FlashPlan } from './plan.ts';

/** First message to the worker: start a session on the port at the end of `port`. */
export interface StartMessage {
  start: true;
  port: MessagePort;
  calls: MessagePort;
  info: { usbVendorId?: number | undefined; usbProductId?: number | undefined };
  baudRate?: number | undefined;
  attempts?: number | undefined;
  reset?: boolean | undefined;
}

export type SessionCall =
  | { call: number; method: 'md5'; at: number; sizeBytes: number }
  | { call: number; method: 'read'; at: number; sizeBytes: number }
  | { call: number; method: 'write'; plan: FlashPlan }
  | { call: number; method: 'resetIntoFirmware' | 'close' }
  | { cancel: number };

/** Call number 0 is the opening itself. */
export const OPENING = 0;

export type SessionReply =
  | { answer: number; value: unknown }
  | { answer: number; error: { code: FlashCode; details: string } }
  | { stage: OpenStage }
  | { log: string }
  | { progress: number; stage?: WriteStage; doneBytes: number; totalBytes: number };

export type Opened = BoardIdentity & { baudRate: number };
