/**
 * Sums of places with whole factors, and whether some of them being at least 0 rules out that another is below 0
 * (Fourier and Motzkin's elimination; the numbers are whole, so a bound may be rounded inwards).
 */
export interface Sum {
  terms: ReadonlyMap<string, number>;
  plus: number;
}

export const constant = (plus: number): Sum => ({ terms: new Map(), plus });
export const single = (text: string): Sum => ({ terms: new Map([[text, 1]]), plus: 0 });

/** a + factor * b */
export function addTo(a: Sum, b: Sum, factor = 1): Sum {
  const terms = new Map(a.terms);
  for (const [text, by] of b.terms) {
    const now = (terms.get(text) ?? 0) + by * factor;
    if (now === 0) terms.delete(text);
    else terms.set(text, now);
  }
  return { terms, plus: a.plus + b.plus * factor };
}

export const scale = (a: Sum, factor: number): Sum => addTo(constant(0), a, factor);

/** The sum with another in place of one of its terms. */
export function replace(a: Sum, text: string, by: Sum): Sum {
  const factor = a.terms.get(text);
  if (factor === undefined) return a;
  const rest = new Map(a.terms);
  rest.delete(text);
  return addTo({ terms: rest, plus: a.plus }, by, factor);
}

const MOST = 120;
const MOST_FACTOR = 2 ** 20;

/** Every value of the places that makes all `facts` at least 0 makes `goal` at least 0. */
export function follows(goal: Sum, facts: readonly Sum[]): boolean {
  // Not the goal: goal <= -1.
  let open = relevant(tight(addTo(constant(-1), goal, -1)), facts.map(tight));
  for (;;) {
    if (open.some((one) => one.terms.size === 0 && one.plus < 0)) return true;
    open = open.filter((one) => one.terms.size > 0);
    const text = cheapest(open);
    if (text === undefined) return false;
    const rest = open.filter((one) => !one.terms.has(text));
    const above = open.filter((one) => (one.terms.get(text) ?? 0) > 0);
    const below = open.filter((one) => (one.terms.get(text) ?? 0) < 0);
    for (const a of above) {
      for (const b of below) {
        const joined = addTo(scale(a, -(b.terms.get(text) ?? 0)), b, a.terms.get(text));
        rest.push(tight(joined));
        if (rest.length > MOST) return false;
      }
    }
    open = rest;
  }
}

/** Those that share a place with the first, directly or through others. */
function relevant(first: Sum, facts: readonly Sum[]): Sum[] {
  const texts = new Set(first.terms.keys());
  const found = [first];
  let open = [...facts];
  for (let before = -1; before !== open.length;) {
    before = open.length;
    open = open.filter((one) => {
      if (one.terms.size > 0 && ![...one.terms.keys()].some((text) => texts.has(text))) return true;
      for (const text of one.terms.keys()) texts.add(text);
      found.push(one);
      return false;
    });
  }
  return found;
}

/** The same bound on whole numbers with the factors' common divisor taken out. */
function tight(a: Sum): Sum {
  let divisor = 0;
  for (const by of a.terms.values()) {
    if (!Number.isInteger(by) || Math.abs(by) > MOST_FACTOR) return constant(0); // says nothing
    let [x, y] = [Math.abs(by), divisor];
    while (y > 0) [x, y] = [y, x % y];
    divisor = x;
  }
  if (divisor <= 1) return a;
  const terms = new Map([...a.terms].map(([text, by]) => [text, by / divisor]));
  return { terms, plus: Math.floor(a.plus / divisor) };
}

function cheapest(open: readonly Sum[]): string | undefined {
  const counts = new Map<string, [up: number, down: number]>();
  for (const one of open) {
    for (const [text, by] of one.terms) {
      const count = counts.get(text) ?? [0, 0];
      count[by > 0 ? 0 : 1] += 1;
      counts.set(text, count);
    }
  }
  let best: string | undefined;
  let least = Infinity;
  for (const [text, [up, down]] of counts) {
    if (up * down < least) {
      least = up * down;
      best = text;
    }
  }
  return best;
}
