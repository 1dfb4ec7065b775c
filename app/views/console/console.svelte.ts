/** The console screen: one board, its text and frames, and the requests a person can send. */
import type { FirmwareModel } from '../firmware/firmware.svelte.ts';
import type { Board, Boards } from '../shared/boards.svelte.ts';
import { problemOf, type Problem } from '../shared/problem.ts';
import { namesPython, withTracebacks } from './tracebacks.ts';

export const REQUESTS = [
  { type: 'hello', title: 'Hello', fields: {} },
  { type: 'topology', title: 'Topology', fields: { page: 0 } },
  { type: 'stats', title: 'Stats', fields: {} },
  { type: 'identify', title: 'Identify', fields: {} },
] as const;
export type RequestEntry = (typeof REQUESTS)[number];

export class ConsoleModel {
  board = $state.raw<Board | null>(null);
  show = $state<'all' | 'log' | 'frame'>('all');
  answer = $state.raw<{ title: string; text: string } | null>(null);
  problem = $state.raw<Problem | null>(null);
  waiting = $state<string | null>(null);
  #boards: Boards;
  #firmware: FirmwareModel;

  constructor(boards: Boards, firmware: FirmwareModel) {
    this.#boards = boards;
    this.#firmware = firmware;
  }

  /** The firmware whose lines a traceback has: what the board said of itself, else what this page builds. */
  readonly firmwareId = $derived.by(() => {
    const said = this.board?.hello?.['firmware'];
    return typeof said === 'string' ? said : (this.#firmware.report?.firmwareId ?? null);
  });
  readonly #entries = $derived.by(() => {
    const id = this.firmwareId;
    // A build that ends while the lines stand there gives them their places.
    void this.#firmware.report;
    return withTracebacks(this.board?.entries ?? [], (text) =>
      id === null ? null : this.#firmware.translate(text, id),
    );
  });
  /** A traceback that no build of this page explains. */
  readonly hasForeignTraceback = $derived(this.#entries.some(namesPython));

  /** Builds what is chosen now, if that has not been done: most boards run it. */
  async explain(): Promise<void> {
    if (!this.#firmware.upToDate) await this.#firmware.build();
  }

  readonly shown = $derived(
    this.#entries.filter(
      (entry) => this.show === 'all' || entry.kind === 'note' || entry.kind === this.show,
    ),
  );

  async choose(id: string): Promise<void> {
    this.board = this.#boards.byId(id);
    this.answer = null;
    this.problem = null;
    await this.board?.listen();
  }

  async send(request: RequestEntry): Promise<void> {
    const board = this.board;
    if (!board) return;
    this.waiting = request.type;
    this.problem = null;
    try {
      const result = await board.request(request.type, { ...request.fields });
      this.answer = { title: request.title, text: JSON.stringify(result ?? null, null, 1) };
    } catch (error) {
      this.answer = null;
      this.problem = problemOf(error, `asking for ${request.type}`);
    } finally {
      this.waiting = null;
    }
  }
}
