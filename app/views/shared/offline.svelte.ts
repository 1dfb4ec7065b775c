/** The offline copy and its updates. An update waits until the person says so and no job is running. */
/** What we use of workbox-window's Workbox. */
export interface UpdateWatcher {
  register(): Promise<ServiceWorkerRegistration | undefined>;
  addEventListener(type: 'waiting' | 'controlling', listener: () => void): void;
  messageSkipWaiting(): void;
}

export type OfflineState = 'unsupported' | 'copying' | 'complete' | 'failed';

export class Offline {
  state = $state<OfflineState>('unsupported');
  updateReady = $state(false);
  #workbox: UpdateWatcher | null = null;

  /** Registers the worker; call once, after the first paint. */
  async start(
    container: ServiceWorkerContainer | undefined,
    load: () => Promise<UpdateWatcher>,
  ): Promise<void> {
    if (!container) return;
    this.state = 'copying';
    try {
      const workbox = await load();
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
