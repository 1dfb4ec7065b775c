/** Measures the heap of one build in a MicroPython of its own, off the page's thread; ends with its answer. */
import type { CompiledModule } from './compiler/compile.ts';
import { moduleCosts, type ModuleCost } from './compiler/costs.ts';
import { setMpyCrossUrl } from './compiler/4-emit/mpy.ts';
import { mpyCrossUrl } from './compiler/mpy-cross-url.ts';
import { measureImports } from './sim/heap-probe.ts';
import { wasmUrl } from './sim/wasm-url.ts';

export type HeapAnswer =
  { ok: true; costs: readonly ModuleCost[] } | { ok: false; message: string };

setMpyCrossUrl(mpyCrossUrl);

async function measure(modules: readonly CompiledModule[]): Promise<HeapAnswer> {
  try {
    return { ok: true, costs: await moduleCosts(modules, (made) => measureImports(made, wasmUrl)) };
  } catch (error) {
    return { ok: false, message: error instanceof Error ? error.message : String(error) };
  }
}

self.addEventListener('message', (event: MessageEvent<readonly CompiledModule[]>) => {
  void measure(event.data).then((answer) => self.postMessage(answer));
});
