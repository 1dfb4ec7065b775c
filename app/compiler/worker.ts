/** The compiler in a worker: one build at a time; parsed files are kept between builds. */
import mpyCrossUrl from '@pybricks/mpy-cross-v6/build/mpy-cross-v6.wasm?url';
import { compile, type CompileOptions, type CompileResult, type CompileStage } from './compile.ts';
import { setMpyCrossUrl } from './4-emit/mpy.ts';

export interface CompileRequest {
  id: number;
  files: Record<string, string>;
  options: CompileOptions;
}
export type CompileAnswer =
  | { id: number; kind: 'stage'; stage: CompileStage }
  | { id: number; kind: 'result'; result: CompileResult }
  | { id: number; kind: 'failed'; message: string };

setMpyCrossUrl(mpyCrossUrl);

let queue: Promise<void> = Promise.resolve();

async function answer({ id, files, options }: CompileRequest): Promise<void> {
  const tell = (message: CompileAnswer): void => self.postMessage(message);
  try {
    const onStage = (stage: CompileStage): void => tell({ id, kind: 'stage', stage });
    tell({ id, kind: 'result', result: await compile(files, options, onStage) });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    tell({ id, kind: 'failed', message });
  }
}

self.addEventListener('message', (event: MessageEvent<CompileRequest>) => {
  queue = queue.then(() => answer(event.data));
});
