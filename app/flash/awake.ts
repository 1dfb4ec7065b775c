/**
 * Keeps the screen on and asks before the tab is closed while a job runs.
 * Source: W3C Screen Wake Lock; HTML, "beforeunload".
 */

export interface WakeLock {
  /** The browser took it back. */
  readonly released: boolean;
  release(): Promise<void>;
}

/** The browser as far as it is needed here, so that a test can stand in for it. */
export interface AwakeScope {
  navigator: { wakeLock?: { request(type: 'screen'): Promise<WakeLock> } };
  document: {
    visibilityState: string;
    addEventListener(type: 'visibilitychange', listener: () => void): void;
    removeEventListener(type: 'visibilitychange', listener: () => void): void;
  };
  addEventListener(type: 'beforeunload', listener: (event: Event) => void): void;
  removeEventListener(type: 'beforeunload', listener: (event: Event) => void): void;
}

/** Runs the job under both guards; a browser without wake locks only loses the first. */
export async function whileAwake<T>(scope: AwakeScope, job: () => Promise<T>): Promise<T> {
  let lock: WakeLock | undefined;
  let asking = false;
  let over = false;
  const take = async (): Promise<void> => {
    if (asking || lock?.released === false || scope.document.visibilityState !== 'visible') return;
    asking = true;
    try {
      const taken = await scope.navigator.wakeLock?.request('screen');
      if (over) await taken?.release();
      else lock = taken;
    } catch {
      // Refused when the battery is low; the job runs all the same.
    } finally {
      asking = false;
    }
  };
  // The browser takes the lock back when the tab is hidden.
  const again = (): void => void take();
  const ask = (event: Event): void => event.preventDefault();
  scope.document.addEventListener('visibilitychange', again);
  scope.addEventListener('beforeunload', ask);
  void take();
  try {
    return await job();
  } finally {
    over = true;
    scope.document.removeEventListener('visibilitychange', again);
    scope.removeEventListener('beforeunload', ask);
    await lock?.release().catch(() => undefined);
  }
}
