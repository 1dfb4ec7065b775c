import { readU16 } from '../wire/cells.ts';
import { ALL_DRAWERS, drawerOf, DRAWERS, View, VIEW_MAX_ENTRIES } from '../wire/view.ts';
import type { Jitter } from './jitter.ts';
import type { NodeRecord } from './node-record.ts';
import { BOOT, MARK, SELF } from './node-rows.ts';
import type { NodeTable } from './node-table.ts';

/** A neighbour's digest that differs for so long means lost news; views are shown at most once in the second time. */
const DIFFERS_MS = 4500;
const VIEW_GAP_MS = 4000;
/** What was shown is not shown again before: once is enough for all who differ. */
const SHOWN_AGAIN_MS = 1500;
/** All neighbours notice at about the same time: who waits longest is mostly spared. */
const SPREAD_MS = 400;
const FRAME_GAP_MS = 30;

/**
 * Within one tree all views should agree. Where two neighbours' digests stay different, both show what they have: the sums of the
 * drawers when there are many nodes, then whom they hold in those that differ; and each sends the news that the other lacks.
 */
export class ViewExchange {
  private readonly table: NodeTable;
  private readonly jitter: Jitter;
  /** Show the sums; show these drawers; not before this time. */
  private sums = false;
  private drawers = 0;
  private dueAtMs = 0;
  /** No sums again before this. */
  private gapAtMs = 0;
  /** The drawers shown since shownFromMs. */
  private shown = 0;
  private shownFromMs = 0;

  constructor(table: NodeTable, jitter: Jitter) {
    this.table = table;
    this.jitter = jitter;
  }

  /** A neighbour's advert came with this digest; `comparable` within one tree. */
  compare(record: NodeRecord, digest: number, comparable: boolean, atMs: number): void {
    if (!comparable || digest === this.table.digest) {
      record.differsSinceMs = -1;
      return;
    }
    if (record.differsSinceMs < 0) record.differsSinceMs = atMs;
    if (atMs - record.differsSinceMs < DIFFERS_MS || atMs < this.gapAtMs) return;
    this.gapAtMs = atMs + VIEW_GAP_MS;
    record.differsSinceMs = atMs;
    if (this.table.presentCount < VIEW_MAX_ENTRIES) this.show(ALL_DRAWERS, atMs);
    else {
      this.sums = true;
      this.dueAtMs = atMs + this.jitter.below(SPREAD_MS);
    }
  }

  private show(drawers: number, atMs: number): void {
    if (this.drawers === 0) this.dueAtMs = atMs + this.jitter.below(SPREAD_MS);
    this.drawers |= drawers;
  }

  /** A proven neighbour's view. What it lacks is passed on; what we lack comes when it sees our view. */
  receive(view: View, atMs: number): void {
    if (view.drawers === 0) {
      let differing = 0;
      for (let i = 0; i < DRAWERS; i += 1)
        if (readU16(view.sums, 1 + 2 * i) !== readU16(this.table.sums, 1 + 2 * i))
          differing |= 1 << i;
      this.sums = false;
      if (differing !== 0) this.show(differing, atMs);
      return;
    }
    const lacking = this.compareEntries(view);
    if (lacking !== 0) this.show(lacking, atMs);
    else this.drawers &= ~view.drawers;
  }

  /** Passes on what the view lacks or has otherwise; the drawers in which it has what we lack or have otherwise. */
  private compareEntries(view: View): number {
    const rows = this.table.rows;
    const marks: Map<number, number> = new Map();
    for (const value of view.entries) marks.set(value >>> 8, value & 0xff);
    let lacking = 0;
    let found = 0;
    for (let row = 0; row < rows.size; row += 1) {
      const tail = rows.tail(row);
      const drawer = 1 << drawerOf(tail);
      if ((view.drawers & drawer) === 0 || rows.u24(row, BOOT) === 0) continue;
      const own = rows.u16(row, MARK);
      const mark = marks.get(tail) ?? -1;
      if (mark >= 0) found += 1;
      if (mark === (own === 0 ? -1 : own & 0xff)) continue;
      if (mark >= 0) lacking |= drawer;
      // Whom we do not count because its parents are unknown here, others know better.
      if (row !== SELF && (own !== 0 || rows.isGone(row))) this.table.spreadOnce(row);
    }
    return found < view.entries.length ? view.drawers : lacking;
  }

  /** When take() has something at the earliest. */
  wakeAtMs(wakeMs: number): number {
    const waits = (this.sums || this.drawers !== 0) && this.table.spreading === 0;
    return waits && this.dueAtMs < wakeMs ? this.dueAtMs : wakeMs;
  }

  /** The view to send now, null when there is none. */
  take(atMs: number): View | null {
    if ((!this.sums && this.drawers === 0) || atMs < this.dueAtMs) return null;
    // What is on its way will be known before anybody can answer.
    if (this.table.spreading > 0) return null;
    if (atMs - this.shownFromMs >= SHOWN_AGAIN_MS) {
      this.shown = 0;
      this.shownFromMs = atMs;
    }
    const view = new View();
    if (this.sums) {
      this.sums = false;
      view.sums = this.table.sums;
      return view;
    }
    this.drawers &= ~this.shown;
    let drawers = this.drawers;
    if (drawers === 0) return null;
    // Of many nodes one drawer at a time, the lowest.
    if (this.table.presentCount >= VIEW_MAX_ENTRIES) drawers &= -drawers;
    view.drawers = drawers;
    this.drawers &= ~drawers;
    this.shown |= drawers;
    this.dueAtMs = atMs + FRAME_GAP_MS;
    const rows = this.table.rows;
    for (let row = 0; row < rows.size && view.entries.length < VIEW_MAX_ENTRIES; row += 1) {
      const tail = rows.tail(row);
      const mark = rows.u16(row, MARK);
      if (mark > 0 && (drawers & (1 << drawerOf(tail))) !== 0)
        view.entries.push(((tail << 8) | (mark & 0xff)) >>> 0);
    }
    return view;
  }
}
