/** The console screen: one board, its text and frames, and the requests a person can send. */
import type { Board, Boards } from '../shared/boards.svelte.ts';
import { problemOf, type Problem } from '../shared/problem.ts';

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

  constructor(boards: Boards) {
    this.#boards = boards;
  }

  readonly shown = $derived(
    (this.board?.entries ?? []).filter(
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
