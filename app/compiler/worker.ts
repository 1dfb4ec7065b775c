/** The compiler in a worker: one build at a time; parsed files are kept between builds. */
import mpyCrossUrl from '@pybricks/mpy-cross-v6/build/mpy-cross-v6.wasm?url';
import { compile, type CompileOptions, type CompileResult } from './compile.ts';
import { setMpyCrossUrl } from './4-emit/mpy.ts';

export interface CompileRequest {
  id: number;
  files: Record<string, string>;
  options: CompileOptions;
}
export type CompileAnswer =
  { id: number; ok: true; result: CompileResult } | { id: number; ok: false; message: string };

setMpyCrossUrl(mpyCrossUrl);

let queue: Promise<void> = Promise.resolve();

async function answer(request: CompileRequest): Promise<void> {
  let message: CompileAnswer;
  try {
    const result = await compile(request.files, request.options);
    message = { id: request.id, ok: true, result };
  } catch (error) {
    message = {
      id: request.id,
      ok: false,
      message: error instanceof Error ? error.message : String(error),
    };
  }
  self.postMessage(message);
}

self.addEventListener('message', (event: MessageEvent<CompileRequest>) => {
  queue = queue.then(() => answer(event.data));
});
