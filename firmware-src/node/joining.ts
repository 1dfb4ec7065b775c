import { fromBase64Url, toBase64Url } from '../std/base64url.ts';
import { integerField, type RequestLine, textField } from '../wire/console-line.ts';
import { BOARD_PART_BYTES, PartJoiner, splitParts } from '../wire/parts.ts';
import { MpsNode } from '../mps/node.ts';
import type { Reporter } from './reporter.ts';
import type { Identity, NodeOutput, NodeSetup } from './setup.ts';

/** A node's part in the joining handshake: the machine of mps/node.ts, its console, and what it asks of the driver. */
export class Joining {
  private readonly mps: MpsNode;
  private readonly key: string;
  private readonly reporter: Reporter;
  private readonly outputs: NodeOutput[];
  private readonly joiner: PartJoiner = new PartJoiner();
  private atMs = -1;

  /** The identity has at least one key. */
  constructor(
    setup: NodeSetup,
    identity: Identity,
    key: string,
    reporter: Reporter,
    outputs: NodeOutput[],
  ) {
    this.mps = new MpsNode({
      crypto: setup.crypto,
      mac: setup.mac,
      nodeKey: identity.nodeKey,
      setupKey: identity.setupKey,
    });
    this.key = key;
    this.reporter = reporter;
    this.outputs = outputs;
  }

  /** A request of the laptop: mps.open, mps.payload or mps.close. '' or the code of what is wrong. */
  serve(request: RequestLine, atMs: number): string {
    const mps = this.mps;
    if (request.type === 'mps.open') mps.open(atMs);
    else if (request.type === 'mps.close') mps.close();
    else {
      const bytes = fromBase64Url(textField(request.fields, 'data') ?? '*');
      const part = integerField(request.fields, 'part') ?? 0;
      const parts = integerField(request.fields, 'parts') ?? 1;
      if (bytes === null || bytes.length === 0) return 'bad-data';
      const whole = this.joiner.add(part, parts, bytes);
      if (whole !== null) mps.receive(whole, atMs);
    }
    return '';
  }

  /** The driver wrote the credentials, or could not. */
  stored(ok: boolean, atMs: number): void {
    this.mps.committed(ok, atMs);
    this.drain();
  }

  /** Does what the machine asks; after every call of serve(). */
  drain(): void {
    for (;;) {
      const output = this.mps.poll();
      if (output.kind === 'wake') {
        this.atMs = output.atMs;
        return;
      }
      if (output.kind === 'send') this.send(output.bytes);
      else if (output.kind === 'commit') {
        this.outputs.push({ kind: 'credentials', bytes: output.credentials });
      } else if (output.kind === 'failed') {
        this.reporter.line(`{"t":"event","event":"mps-failed","code":"${output.code}"}`);
      } else this.reporter.event('mps-done', this.key);
    }
  }

  private send(bytes: Uint8Array): void {
    const parts = splitParts(bytes, BOARD_PART_BYTES);
    for (let part = 0; part < parts.length; part += 1) {
      const data = toBase64Url(parts[part]);
      this.reporter.line(`{"t":"mps","data":"${data}","part":${part},"parts":${parts.length}}`);
    }
  }

  tick(atMs: number): void {
    if (this.atMs < 0 || atMs < this.atMs) return;
    this.mps.tick(atMs);
    this.drain();
  }

  /** When tick() should come, at `wakeMs` the latest. */
  wakeAtMs(wakeMs: number): number {
    return this.atMs >= 0 && this.atMs < wakeMs ? this.atMs : wakeMs;
  }
}
