/** A sensor that reports a counter to the root every five seconds; the root lists what came in. */
import { Application, type Mesh, type Message, ROOT } from 'meshwright';
import { reportText } from './report.ts';

const REPORT_MS = 5000;

class Counter extends Application {
  private count = 0;
  private nextAtMs = REPORT_MS;

  override tick(nowMs: number): void {
    if (nowMs < this.nextAtMs) return;
    this.nextAtMs = nowMs + REPORT_MS;
    this.count += 1;
    const result = this.mesh.send(ROOT, reportText(this.count, nowMs), true);
    if (!result.ok) this.mesh.log('not reported: ' + result.text);
  }

  override process(message: Message): void {
    this.mesh.log('from ' + message.name + ': ' + message.text);
  }

  override sent(_number: number, arrived: boolean): void {
    if (!arrived) this.mesh.log('a report was lost');
  }
}

export function application(mesh: Mesh): Application {
  return new Counter(mesh);
}
