/**
 * Ends a worker in which a board's program never comes back.
 *
 * A Python loop that calls nothing of its board holds the whole worker, and the WebAssembly build has no hook to interrupt it there
 * (platform facts, section 10). So the page asks the worker every now and then whether it is there; one that has not answered several
 * questions in a row is ended. Before each turn of bytecode the worker says whose it is (only when that changes): the last one named is
 * the one that hangs. A program in V8 takes its turns too fast for that, so there nobody is named.
 *
 *   page   -> { t: 'ping' }        worker -> { t: 'pong' }, { t: 'turn', board }, and all else that it has to say
 */
export type ToGuarded = { t: 'ping' };
export type FromGuarded = { t: 'pong' } | { t: 'turn'; board: string };

export interface GuardedWorker {
  postMessage(message: ToGuarded): void;
  terminate(): unknown;
  addEventListener(type: 'message', listener: (event: { data: unknown }) => void): void;
}

export interface GuardOptions {
  /** Between two questions. */
  everyMs?: number;
  /** Questions without an answer. */
  most?: number;
  /** What a board is called that the worker has named. */
  nameOf?: (board: string) => string;
}

const EVERY_MS = 2500;
const MOST_UNANSWERED = 6;
/** A timer so much later than asked: the machine slept or the page was in the background, and nothing can be said of the worker. */
const LATE = 3;

/** @param onHang told once, after the worker was ended: what happened and what to do @returns stops guarding */
export function guardAgainstHanging(
  worker: GuardedWorker,
  onHang: (message: string) => void,
  options: GuardOptions = {},
): () => void {
  const everyMs = options.everyMs ?? EVERY_MS;
  const most = options.most ?? MOST_UNANSWERED;
  let unanswered = 0;
  let board: string | undefined;
  let lastMs = performance.now();
  worker.addEventListener('message', ({ data }) => {
    unanswered = 0;
    const message = data as FromGuarded | undefined;
    if (message?.t === 'turn') board = message.board;
  });
  const timer = setInterval(() => {
    const nowMs = performance.now();
    if (nowMs - lastMs > LATE * everyMs) unanswered = 0;
    lastMs = nowMs;
    if (unanswered < most) {
      unanswered++;
      worker.postMessage({ t: 'ping' });
      return;
    }
    clearInterval(timer);
    worker.terminate();
    const who = board === undefined ? 'a virtual board' : (options.nameOf?.(board) ?? board);
    const seconds = Math.round((most * everyMs) / 1000);
    onHang(
      `The program of ${who} has been running for ${seconds} s without ever resting or calling its board, so all virtual boards were stopped. ` +
        'Look for a loop in it that does not end; then reload the page to switch them on again.',
    );
  }, everyMs);
  return () => clearInterval(timer);
}

/** The worker's side: tells whose turn it is, when that changes. */
export function turnTeller(post: (message: FromGuarded) => void): (board: string) => void {
  let told: string | undefined;
  return (board) => {
    if (board === told) return;
    told = board;
    post({ t: 'turn', board });
  };
}
