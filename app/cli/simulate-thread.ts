/** A rehearsal of bytecode in a thread of its own, for guarded-rehearsal.ts, which can end it. */
import { parentPort, workerData } from 'node:worker_threads';
import { rehearse } from '../sim/scenarios/rehearsal.ts';
import type { RehearsalReport } from '../sim/scenarios/report.ts';
import type { Scenario } from '../sim/scenarios/scenario.ts';
import type { FleetFirmware } from '../sim/fleet.ts';
import { macOf } from '../sim/fleet.ts';

export interface ThreadTask {
  scenario: Scenario;
  firmware: FleetFirmware;
  seed: number;
  measureHeap: boolean;
  traced: boolean;
  /** Two words: a count of everything that ever came to an end, and the number of the node whose turn it is. */
  pulse: SharedArrayBuffer;
}

export type FromThread =
  | { t: 'lines'; lines: string[] }
  | { t: 'report'; report: RehearsalReport }
  | { t: 'failed'; text: string };

/** Lines of a trace that go over together. */
const LINES = 2000;

const task = workerData as ThreadTask;
const pulse = new Int32Array(task.pulse);
const numbers = new Map(task.scenario.nodes.map((_, i) => [macOf(i), i]));
const post = (message: FromThread): void => parentPort!.postMessage(message);

let lines: string[] = [];
function flush(): void {
  if (lines.length > 0) post({ t: 'lines', lines });
  lines = [];
}

function beat(): void {
  Atomics.add(pulse, 0, 1);
}

try {
  const report = await rehearse(task.scenario, {
    firmware: task.firmware,
    seed: task.seed,
    measureHeap: task.measureHeap,
    onProgress: beat,
    onTurn: (mac) => {
      Atomics.store(pulse, 1, numbers.get(mac) ?? -1);
      beat();
    },
    ...(task.traced
      ? {
          trace: (line: string) => {
            if (lines.push(line) >= LINES) flush();
          },
        }
      : {}),
  });
  flush();
  post({ t: 'report', report });
} catch (error) {
  post({ t: 'failed', text: error instanceof Error ? (error.stack ?? error.message) : `${error}` });
}
