/**
 * Several MicroPython instances in one realm.
 *
 * The glue of the WebAssembly port keeps its state in globals: the module and the tables that map JavaScript objects to
 * Python and back. Loading a second instance overwrites those of the first. So every entry into an instance puts the
 * instance's own values in place and every exit puts the previous ones back; an entry inside another entry is refused by
 * the caller (vm.ts).
 *
 * The glue also frees Python objects from a finalisation callback that runs whenever the collector likes, against
 * whichever instance is in place by then: memory of the wrong instance would be freed. Each instance therefore gets a
 * registry that does nothing. That leaks the Python object behind every proxy, so vm.ts makes a handful of proxies at
 * start, holds them for life, and passes only integers afterwards.
 *
 * Source: glue of @micropython/micropython-webassembly-pyscript 1.28.0-6 (proxy_js_init and its readers).
 */

const NAMES = [
  'Module',
  'proxy_js_ref',
  'proxy_js_ref_next',
  'proxy_js_ref_map',
  'proxy_js_map',
  'proxy_js_existing',
] as const;

const REGISTRY = 'pyProxyFinalizationRegistry';

const realm = globalThis as unknown as Record<string, unknown>;

export type GlueState = unknown[];

/** What the glue left behind when it loaded an instance; call it before anything else can run. */
export function captureGlue(module: unknown): GlueState {
  const state = NAMES.map((name) => realm[name]);
  if (state[0] !== module) throw new Error('another MicroPython instance was loaded meanwhile');
  return state;
}

/** Puts an instance's values in place and returns those that were there. */
export function swapGlueIn(state: GlueState): GlueState {
  const before: GlueState = new Array<unknown>(NAMES.length);
  for (let i = 0; i < NAMES.length; i++) {
    const name = NAMES[i]!;
    before[i] = realm[name];
    realm[name] = state[i];
  }
  return before;
}

/** Takes the instance's values back out (one of them is a counter) and restores the previous ones. */
export function swapGlueOut(state: GlueState, before: GlueState): void {
  for (let i = 0; i < NAMES.length; i++) {
    const name = NAMES[i]!;
    state[i] = realm[name];
    realm[name] = before[i];
  }
}

/** From now on no instance of this realm ever sees a finalisation callback. Idempotent. */
export function silenceFinalisation(): void {
  const silent = { register: () => undefined, unregister: () => false };
  Object.defineProperty(realm, REGISTRY, {
    configurable: true,
    get: () => silent,
    set: () => undefined,
  });
}
