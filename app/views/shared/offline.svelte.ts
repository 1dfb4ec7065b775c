/** The offline copy and its updates. An update waits until the person says so and no job is running. */
import type { Workbox } from 'workbox-window';

export type OfflineState = 'unsupported' | 'copying' | 'complete' | 'failed';

export class Offline {
  state = $state<OfflineState>('unsupported');
  updateReady = $state(false);
  #workbox: Workbox | null = null;

  /** Registers the worker; call once, after the first paint. */
  async start(container: ServiceWorkerContainer | undefined, url: string): Promise<void> {
    if (!container) return;
    this.state = 'copying';
    try {
      const { Workbox } = await import('workbox-window');
      const workbox = new Workbox(url);
      this.#workbox = workbox;
      workbox.addEventListener('waiting', () => {
        this.updateReady = true;
      });
      const registration = await workbox.register();
      // A worker becomes active only after every file of the copy was stored.
      if (registration?.active) this.state = 'complete';
      await container.ready;
      this.state = 'complete';
    } catch {
      this.state = 'failed';
    }
  }

  /** Switches to the new version and loads the page again. */
  update(reload: () => void): void {
    this.#workbox?.addEventListener('controlling', reload);
    this.#workbox?.messageSkipWaiting();
  }
}
