import { application } from '../application/main.ts';
import type { Application, Mesh } from '../node/application.ts';
import type { Node } from '../node/node.ts';
import type { BoardClock } from './clock.ts';

/**
 * The one place that asks something of a user's application: what the compiler finds wrong in this file is wrong in the
 * application's main file, and the build says so (app/compiler/firmware.ts).
 */
export function makeApplication(mesh: Mesh): Application {
  return application(mesh);
}

/** One call of the application at most, timed. */
export function runApplication(node: Node, clock: BoardClock): void {
  const host = node.host;
  if (host === null) return;
  const beganMs = clock.nowMs();
  if (host.run(beganMs)) host.took(clock.nowMs() - beganMs);
}
