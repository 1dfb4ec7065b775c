/** Totals by type, as they grow, into kbit/s over the last seconds of virtual time. */
type Totals = Readonly<Record<string, { readonly bytes: number }>>;

const OVER_MS = 10_000;

export class TrafficRate {
  #samples: { atMs: number; bytes: Record<string, number> }[] = [];

  add(atMs: number, totals: Totals): Record<string, number> {
    const bytes = Object.fromEntries(
      Object.entries(totals).map(([type, row]) => [type, row.bytes]),
    );
    const last = this.#samples.at(-1);
    if (!last || atMs > last.atMs) this.#samples.push({ atMs, bytes });
    // The oldest one kept is the last that lies before the span.
    while (this.#samples.length > 1 && this.#samples[1]!.atMs <= atMs - OVER_MS) {
      this.#samples.shift();
    }
    const first = this.#samples[0]!;
    const spanMs = atMs - first.atMs;
    return Object.fromEntries(
      Object.entries(bytes).map(([type, total]) => [
        type,
        spanMs > 0 ? ((total - (first.bytes[type] ?? 0)) * 8) / spanMs : 0,
      ]),
    );
  }
}
