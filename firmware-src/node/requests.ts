import { fromBase64Url } from '../std/base64url-decode.ts';
import { macBytes, toHex } from '../std/hex.ts';
import { utf8Encode } from '../std/utf8.ts';
import { NAME_BYTES } from '../wire/credentials.ts';
import { encodeBoardLine, jsonText } from '../wire/console-line.ts';
import {
  ConsoleSigner,
  integerField,
  needsTag,
  parseRequestLine,
  type RequestLine,
  textField,
} from '../wire/request-line.ts';
import { APPLICATION, ROUTER } from '../features.ts';
import { AnswerStore } from './answers.ts';
import { SHOWN } from '../mesh/node-rows.ts';
import { rename } from './delivery-work.ts';
import type { JoiningRequest } from './joining.ts';
import { otherLine, ownLine, routerLine } from './lines.ts';
import type { Node } from './node.ts';
import { LEVELS, NO_MEMORY, type Reporter } from './reporter.ts';
import { STATE_JOINED } from './setup.ts';

/** Nodes on one page of the topology. */
export const PAGE_NODES = 6;

export function openRequests(node: Node, reporter: Reporter): Requests {
  return new Requests(node, reporter);
}

/** Of a JSON field in base64url; null when it is none. */
function bytesField(fields: Record<string, unknown>): Uint8Array | null {
  return fromBase64Url(textField(fields, 'data') ?? '*');
}

/**
 * Requests on the console: who may ask what, and one answer for each. A board has this in its memory while somebody asks
 * (features.ts, LAZY_PARTS); node.ts opens it and lets it go.
 */
export class Requests {
  private readonly node: Node;
  private readonly reporter: Reporter;
  private readonly answers: AnswerStore = new AnswerStore();
  /** Is answered once the credentials that it changes are stored. */
  private saving: RequestLine | null = null;

  constructor(node: Node, reporter: Reporter) {
    this.node = node;
    this.reporter = reporter;
  }

  /** A frame from the console, without its 0x1E and line feed. */
  receive(frame: Uint8Array, atMs: number): void {
    const request = parseRequestLine(frame);
    if (request === null) {
      this.reporter.log(1, 'request not understood: bad checksum, JSON or id');
      return;
    }
    if (request.type === 'hello') this.answers.clear();
    const kept = this.answers.find(request.id, request.type, atMs);
    if (kept !== null) {
      this.reporter.queue(kept);
      return;
    }
    const network = this.node.network;
    if (network !== null) network.names.listen(atMs);
    const error = this.authorise(request);
    if (error !== '') this.fail(request, error, atMs);
    else this.serve(request, atMs);
  }

  /** '' when the request may go on. */
  private authorise(request: RequestLine): string {
    const node = this.node;
    if (node.state !== STATE_JOINED || !needsTag(request.type)) return '';
    const key = node.consoleKey;
    // A board that another board admitted has no such key yet: MPS itself proves who the laptop is.
    if (key === null) return request.type === 'mps.open' ? '' : 'no-admin-key';
    const signer = new ConsoleSigner(node.setup.crypto, key, node.setup.mac);
    if (!request.verify(signer)) return 'unauthorised';
    return node.countAdmin(request.counter) ? '' : 'stale-counter';
  }

  private serve(request: RequestLine, atMs: number): void {
    const node = this.node;
    switch (request.type) {
      case 'hello': {
        const hello = node.hello(atMs);
        this.reporter.line(hello);
        this.succeed(request, hello, atMs);
        return;
      }
      case 'topology':
        this.topology(request, atMs);
        return;
      case 'stats': {
        const stats = this.stats(atMs);
        const router = ROUTER ? routerLine(node.network) : '';
        if (router !== '') this.reporter.line(router);
        this.reporter.line(stats);
        this.succeed(request, stats, atMs);
        return;
      }
      case 'config.get':
        this.configGet(request, atMs);
        return;
      case 'config.set': {
        const error = this.configSet(request.fields);
        if (error === '') this.saving = request;
        else this.fail(request, error, atMs);
        return;
      }
      case 'mps.open':
      case 'mps.payload':
      case 'mps.close': {
        const joining = node.joining;
        this.conclude(
          request,
          joining === null ? 'no-identity' : joining.serve(this.joiningRequest(request), atMs),
          atMs,
        );
        if (joining !== null) joining.drain(atMs);
        return;
      }
      case 'identify':
        node.identify(atMs);
        this.succeed(request, '{}', atMs);
        return;
      case 'reboot':
        node.rebootAtMs = atMs + 250;
        this.succeed(request, '{}', atMs);
        return;
      case 'deliver':
        this.conclude(request, this.deliver(request.fields, atMs), atMs);
        return;
      case 'log.level': {
        const level = LEVELS.indexOf(textField(request.fields, 'level') ?? '');
        if (level >= 0) this.reporter.level = level;
        this.conclude(request, level < 0 ? 'bad-level' : '', atMs);
        return;
      }
      default: {
        // Requests that only a build with an application knows.
        let error = 'unknown-request';
        const host = node.host;
        if (APPLICATION && host !== null) {
          const to = textField(request.fields, 'to') ?? '';
          error = host.serve(request.type, to, textField(request.fields, 'text') ?? '', atMs);
        }
        this.conclude(request, error, atMs);
      }
    }
  }

  private joiningRequest({ type, fields }: RequestLine): JoiningRequest {
    return {
      type,
      role: textField(fields, 'role') ?? '',
      mac: macBytes(textField(fields, 'mac') ?? ''),
      data: bytesField(fields),
      part: integerField(fields, 'part') ?? 0,
      parts: integerField(fields, 'parts') ?? 1,
    };
  }

  /** '' or the code of what is wrong. */
  private deliver(fields: Record<string, unknown>, atMs: number): string {
    const mac = macBytes(textField(fields, 'to') ?? '');
    const data = bytesField(fields);
    if (mac === null) return 'bad-mac';
    if (data === null) return 'bad-data';
    const part = integerField(fields, 'part') ?? 0;
    const parts = integerField(fields, 'parts') ?? 1;
    return this.node.deliveries.serve(toHex(mac), data, part, parts, atMs);
  }

  private topology(request: RequestLine, atMs: number): void {
    const page = integerField(request.fields, 'page') ?? 0;
    const network = this.node.network;
    if (network === null) {
      this.succeed(request, '{"page":0,"pages":0,"count":0}', atMs);
      return;
    }
    const count = network.mesh.table.presentCount + 1;
    const pages = Math.floor((count + PAGE_NODES - 1) / PAGE_NODES);
    if (page < 0 || page >= pages) {
      this.fail(request, 'no-such-page', atMs);
      return;
    }
    let at = 0;
    const first = page * PAGE_NODES;
    if (page === 0) this.reporter.line(ownLine(network, this.node.key));
    const rows = network.mesh.table.rows;
    for (let row = 1; row < rows.size; row += 1) {
      if (!rows.is(row, SHOWN)) continue;
      at += 1;
      if (at >= first && at < first + PAGE_NODES) {
        this.reporter.line(otherLine(network, row, atMs));
      }
    }
    this.succeed(request, `{"page":${page},"pages":${pages},"count":${count}}`, atMs);
  }

  private configGet(request: RequestLine, atMs: number): void {
    const key = textField(request.fields, 'key') ?? '';
    const value = this.configValue(key);
    if (value === null) this.fail(request, 'unknown-key', atMs);
    else this.succeed(request, `{"key":"${key}","value":${value}}`, atMs);
  }

  /** JSON, never a secret. null for an unknown key, or one that has no value yet. */
  private configValue(key: string): string | null {
    const node = this.node;
    if (key === 'name') return jsonText(node.name);
    if (key === 'zone') return jsonText(node.zone);
    if (key === 'boot') return `${node.boot}`;
    if (key === 'counter') return `${node.adminCounter}`;
    if (key === 'log.level') return jsonText(LEVELS[this.reporter.level]);
    const credentials = node.credentials;
    if (credentials === null) return null;
    if (key === 'channel') {
      const channel = ROUTER && node.network !== null ? node.network.channel : null;
      return `${channel === null ? credentials.channel : channel.current}`;
    }
    if (key === 'epoch') return `${credentials.epoch}`;
    if (key === 'timing') return `${credentials.timing}`;
    if (key === 'network') return jsonText(toHex(credentials.networkId));
    return null;
  }

  /** '' when it is being stored, else the code of what is wrong. */
  private configSet(fields: Record<string, unknown>): string {
    const key = textField(fields, 'key') ?? '';
    const value = textField(fields, 'value') ?? '';
    if (key !== 'name' && key !== 'zone') return 'unknown-key';
    if (value === '' || utf8Encode(value).length > NAME_BYTES) return 'bad-value';
    const { credentials, deliveries } = this.node;
    if (credentials === null) return 'not-joined';
    if (deliveries.isStoring) return 'busy';
    try {
      rename(deliveries, credentials, key === 'name', value);
      return '';
    } catch (error) {
      this.reporter.notLoaded('deliveries', error);
      return NO_MEMORY;
    }
  }

  /** The driver stored credentials, or could not. */
  saved(ok: boolean, atMs: number): void {
    const request = this.saving;
    this.saving = null;
    if (request !== null) this.conclude(request, ok ? '' : 'not-stored', atMs);
  }

  private stats(atMs: number): string {
    const node = this.node;
    const network = node.network;
    const rejected: string[] = [];
    let frames = '"rx":0,"tx":0';
    let messages = '"relayed":0,"dropped":0';
    if (network !== null) {
      frames = `"rx":${network.gate.accepted},"tx":${network.sent}`;
      messages = `"relayed":${network.relay.relayed},"dropped":${network.relay.dropped}`;
      const counts = network.gate.rejected;
      for (const cause of Array.from(counts.keys())) {
        rejected.push(`"${cause}":${counts.get(cause) ?? 0}`);
      }
    }
    const host = node.host;
    if (APPLICATION && host !== null) messages += `,"app":${host.stats()}`;
    return (
      `{"t":"stats","heapUsed":${node.heapUsed},"heapFree":${node.heapFree},"loopMs":${node.loopMs},` +
      `"uptime":${atMs},${frames},"radioTrouble":${node.radioTrouble},` +
      `"rejected":{${rejected.join(',')}},${messages}}`
    );
  }

  /** Answers with an empty result, or with an error unless that is ''. */
  private conclude(request: RequestLine, error: string, atMs: number): void {
    if (error === '') this.succeed(request, '{}', atMs);
    else this.fail(request, error, atMs);
  }

  private succeed(request: RequestLine, result: string, atMs: number): void {
    this.answer(request, `true,"result":${result}`, atMs);
  }

  private fail(request: RequestLine, error: string, atMs: number): void {
    this.answer(request, `false,"error":"${error}"`, atMs);
  }

  private answer(request: RequestLine, outcome: string, atMs: number): void {
    const line = encodeBoardLine(`{"t":"answer","id":${request.id},"ok":${outcome}}`);
    if (line === null) return;
    this.reporter.queue(line);
    const type = request.type;
    const reads =
      type === 'hello' || type === 'topology' || type === 'stats' || type === 'config.get';
    if (!reads) this.answers.keep(request.id, type, line, atMs);
  }
}
