/** The compiler in a worker: one request at a time; parsed files are kept between builds. */
import { mpyCrossUrl } from './mpy-cross-url.ts';
import { compile, type CompileOptions, type CompileResult } from './compile.ts';
import type { CompileStage } from './stages.ts';
import { setMpyCrossUrl } from './4-emit/mpy.ts';
import { transpile, type TranspiledModule } from './transpile.ts';
import { suggestions, type Suggestion } from './1-read/suggestions.ts';

/** What the worker does, and what it answers. */
export interface WorkerJobs {
  compile: { ask: { options: CompileOptions }; answer: CompileResult };
  transpile: {
    ask: { entry: string; features: Readonly<Record<string, boolean | number | string>> };
    answer: TranspiledModule[];
  };
  suggest: { ask: { path: string; at: number }; answer: Suggestion[] };
}
export type WorkerRequest = {
  [Kind in keyof WorkerJobs]: {
    id: number;
    kind: Kind;
    files: Record<string, string>;
  } & WorkerJobs[Kind]['ask'];
}[keyof WorkerJobs];
export type WorkerAnswer =
  | { id: number; kind: 'stage'; stage: CompileStage }
  | { id: number; kind: 'result'; result: WorkerJobs[keyof WorkerJobs]['answer'] }
  | { id: number; kind: 'failed'; message: string };

setMpyCrossUrl(mpyCrossUrl);

let queue: Promise<void> = Promise.resolve();

const tell = (message: WorkerAnswer): void => self.postMessage(message);

async function answer(request: WorkerRequest): Promise<void> {
  const { id, files } = request;
  try {
    const result =
      request.kind === 'compile'
        ? await compile(files, request.options, (stage) => tell({ id, kind: 'stage', stage }))
        : request.kind === 'transpile'
          ? transpile(files, request.entry, request.features)
          : suggestions(files, request.path, request.at);
    tell({ id, kind: 'result', result });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    tell({ id, kind: 'failed', message });
  }
}

self.addEventListener('message', (event: MessageEvent<WorkerRequest>) => {
  queue = queue.then(() => answer(event.data));
});
