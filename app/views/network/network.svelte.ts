/** The networks of this browser: locked ones by name only, and at most one that is open. */
import { isCancelled, problemOf, type Problem } from '../shared/problem.ts';
import type {
  FleetSource,
  NetworkHandle,
  NetworkHeader,
  NetworkSnapshot,
  NewNetwork,
  NodeEntry,
  ZoneEntry,
} from '../shared/ports.ts';
import type { FleetNews } from '../mesh/fleet-news.ts';
import { freeColour } from '../shared/zone-colour.ts';
import { DEFAULT_ZONE, zoneName } from './names.ts';

export class NetworkModel {
  #headers = $state.raw<readonly NetworkHeader[]>([]);
  #open = $state.raw<NetworkSnapshot | null>(null);
  loaded = $state(false);
  working = $state(false);
  problem = $state.raw<Problem | null>(null);
  #handle: NetworkHandle | null = null;
  #fleet: FleetSource;
  #onOpen: (handle: NetworkHandle) => Promise<void>;

  readonly planned = $derived(this.#open?.nodes.filter((node) => node.state === 'planned') ?? []);

  /** @param onOpen called once a network is open; nothing waits for it, and it does not reject */
  constructor(fleet: FleetSource, onOpen: (handle: NetworkHandle) => Promise<void>) {
    this.#fleet = fleet;
    this.#onOpen = onOpen;
  }

  get headers(): readonly NetworkHeader[] {
    return this.#headers;
  }
  get open(): NetworkSnapshot | null {
    return this.#open;
  }
  get handle(): NetworkHandle | null {
    return this.#handle;
  }
  nodeByMac(mac: string): NodeEntry | null {
    return this.#open?.nodes.find((node) => node.mac === mac) ?? null;
  }

  async load(): Promise<void> {
    await this.#try('reading the networks', async () => {
      this.#headers = await this.#fleet.headers();
    });
    this.loaded = true;
  }

  /** True when the network was made and is open. */
  create(network: NewNetwork): Promise<boolean> {
    return this.#try('creating the network', async () => {
      await this.#adopt(await this.#fleet.create(network));
      this.#headers = await this.#fleet.headers();
    });
  }

  unlock(id: string, passphrase: string): Promise<boolean> {
    return this.#try('unlocking', async () =>
      this.#adopt(await this.#fleet.unlock(id, passphrase)),
    );
  }

  lock(): void {
    this.#handle?.lock();
    this.#handle = null;
    this.#open = null;
  }

  removeNetwork(id: string): Promise<boolean> {
    return this.#try('deleting the network', async () => {
      if (this.#open?.id === id) this.lock();
      await this.#fleet.remove(id);
      this.#headers = await this.#fleet.headers();
    });
  }

  addNodes(names: readonly string[], typedZone: string): Promise<boolean> {
    return this.#change('adding nodes', async (handle) => {
      const zone = await this.#ensureZone(handle, typedZone);
      await handle.addNodes(names.map((name) => ({ name, zone })));
    });
  }

  editNode(id: string, change: { name?: string; zone?: string }): Promise<boolean> {
    return this.#change('changing the node', async (handle) => {
      const zone =
        change.zone === undefined ? undefined : await this.#ensureZone(handle, change.zone);
      await handle.editNode(id, zone === undefined ? change : { ...change, zone });
    });
  }

  removeNode(id: string): Promise<boolean> {
    return this.#change('deleting the node', (handle) => handle.removeNode(id));
  }

  addZone(name: string): Promise<boolean> {
    return this.#change('adding the zone', async (handle) => {
      await this.#ensureZone(handle, name);
    });
  }

  setZones(zones: readonly ZoneEntry[]): Promise<boolean> {
    return this.#change('changing the zones', (handle) => handle.setZones(zones));
  }

  setRouter(router: { ssid: string; password: string | null } | null): Promise<boolean> {
    return this.#change('changing the router', (handle) => handle.setRouter(router));
  }

  /** Notes which nodes were seen alive and which are gone; called now and then, not per frame. */
  async markPresence({ seen, lost }: FleetNews, atMs: number): Promise<void> {
    const handle = this.#handle;
    if (!handle || seen.length + lost.length === 0) return;
    await handle.markSeen(seen, atMs);
    await handle.markLost(lost, atMs);
    await this.refresh();
  }

  /** Reads the open network again, after somebody else (a job) changed it. */
  async refresh(): Promise<void> {
    const handle = this.#handle;
    if (!handle) return;
    const snapshot = await handle.snapshot();
    if (this.#handle === handle) this.#open = snapshot;
  }

  async #adopt(handle: NetworkHandle): Promise<void> {
    if (this.#handle && this.#handle !== handle) this.#handle.lock();
    this.#handle = handle;
    this.#open = await handle.snapshot();
    void this.#onOpen(handle);
  }

  /** The zone as the network knows it; a new one is added, an empty text means the first one. */
  async #ensureZone(handle: NetworkHandle, typed: string): Promise<string> {
    const { zones } = await handle.snapshot();
    const name = zoneName(typed) || (zones[0]?.name ?? DEFAULT_ZONE);
    if (!zones.some((zone) => zone.name === name)) {
      await handle.setZones([...zones, { name, colour: freeColour(zones) }]);
    }
    return name;
  }

  /** A change to the open network; a failure ends in `problem`. */
  change(doing: string, work: (handle: NetworkHandle) => Promise<void>): Promise<boolean> {
    return this.#change(doing, work);
  }

  async #change(doing: string, work: (handle: NetworkHandle) => Promise<void>): Promise<boolean> {
    return this.#try(doing, async () => {
      if (!this.#handle) throw new Error('the network is locked');
      await work(this.#handle);
      await this.refresh();
    });
  }

  async #try(doing: string, work: () => Promise<void>): Promise<boolean> {
    this.problem = null;
    this.working = true;
    try {
      await work();
      return true;
    } catch (error) {
      if (!isCancelled(error)) this.problem = problemOf(error, doing);
      return false;
    } finally {
      this.working = false;
    }
  }
}
