import { describe, expect, it } from 'vitest';
import { firmwareJob } from '../compiler/firmware.ts';
import { transpile } from '../compiler/transpile.ts';
import { AIRS_OFFERED } from '../views/rehearse/airs.ts';
import type { Endpoint } from './messages.ts';
import { Propagation, USUAL_PROPAGATION } from './radio/propagation.ts';
import type {
  FromRehearsal,
  LiveNews,
  RecordedTrace,
  SentFirmware,
  ToRehearsal,
} from './rehearsal-messages.ts';
import { RehearsalServer } from './rehearsal-server.ts';
import { row } from './scenarios/layout.ts';
import { readScenario } from './scenarios/read-scenario.ts';
import { rehearse } from './scenarios/rehearsal.ts';
import type { Scenario } from './scenarios/scenario.ts';
import { inV8, readSources } from './testing/firmware.ts';

function firmware(): SentFirmware {
  const { sources, entries, features } = firmwareJob(readSources());
  const entry = entries[0]!;
  return { engine: 'v8', modules: transpile(sources, entry, features), entry };
}

/** The page's end: messages in order, and a wait for the next news that fit. */
class Page {
  readonly all: LiveNews[] = [];
  readonly failures: string[] = [];
  readonly traces: RecordedTrace[] = [];
  readonly #endpoint: Endpoint = {
    postMessage: (m) => this.#take(m as FromRehearsal),
    onmessage: null,
  };
  #waiting: { fits: (news: LiveNews) => boolean; resolve: (news: LiveNews) => void }[] = [];

  constructor() {
    new RehearsalServer(this.#endpoint, undefined);
  }

  post(message: ToRehearsal): void {
    this.#endpoint.onmessage!({ data: structuredClone(message) } as MessageEvent);
  }

  next(fits: (news: LiveNews) => boolean): Promise<LiveNews> {
    return new Promise((resolve) => this.#waiting.push({ fits, resolve }));
  }

  #take(message: FromRehearsal): void {
    if (message.t === 'failed') this.failures.push(message.message);
    if (message.t === 'trace') this.traces.push(message.trace);
    if (message.t !== 'news') return;
    const news = structuredClone(message.news);
    this.all.push(news);
    for (const one of this.#waiting.filter(({ fits }) => fits(news))) one.resolve(news);
    this.#waiting = this.#waiting.filter(({ fits }) => !fits(news));
  }

  async step(ms: number): Promise<LiveNews> {
    const from = this.all.at(-1)!.atMs;
    const news = this.next(({ atMs }) => atMs === from + ms);
    this.post({ t: 'step', ms });
    return news;
  }
}

const scenario: Scenario = {
  name: 'led by hand',
  about: '',
  seconds: 864_000,
  nodes: row(4, 12).map((node, i) => ({ ...node, name: `lamp-${i}` })),
  events: [],
  seed: 5,
};

describe('a rehearsal that is led by hand', () => {
  it('forms a tree, loses its root, and replays the same from the script that it kept', async () => {
    const page = new Page();
    page.post({ t: 'open', scenario, seed: 5, firmware: firmware() });
    expect(page.all[0]!.nodes.map(({ standing }) => standing)).toEqual(Array(4).fill('off'));
    const formed = await page.step(14_130);
    expect(formed.figures.isOneTree).toBe(true);
    const root = formed.nodes.findIndex(({ isRoot }) => isRoot);
    expect(formed.nodes.filter(({ standing }) => standing === 'live')).toHaveLength(4);

    page.post({ t: 'perform', event: { do: 'kill', node: root } });
    const atOnce = page.all.at(-1)!;
    expect(atOnce.nodes[root]!.standing).toBe('quiet');
    expect(atOnce.performed).toEqual([{ atMs: 14_130, do: 'kill', node: root }]);
    const healed = await page.step(25_870);
    expect(healed.figures.isOneTree).toBe(true);
    expect(healed.nodes[root]!.standing).toBe('lost');
    expect(
      healed.nodes.filter(({ isRoot, standing }) => isRoot && standing === 'live'),
    ).toHaveLength(1);
    expect(healed.entries.map(({ text }) => text)).toContain('One tree');
    expect(page.failures).toEqual([]);

    const replayed: Scenario = { ...scenario, seconds: 40, events: atOnce.performed };
    const report = await rehearse(replayed, { firmware: inV8(), seed: 5 });
    const { formedMs, heals, traffic } = healed.figures;
    expect({ formedMs, heals, traffic }).toEqual({
      formedMs: report.formedMs,
      heals: report.heals,
      traffic: report.traffic,
    });
  });

  it('hands its trace over, which is the same as that of the same scenario on the command line', async () => {
    const page = new Page();
    page.post({ t: 'open', scenario, seed: 5, firmware: firmware(), isTraced: true });
    await page.step(9000);
    page.post({ t: 'trace' });
    const { text, fullAtMs } = page.traces[0]!;
    expect(fullAtMs).toBeNull();
    const lines: string[] = [];
    await rehearse(
      { ...scenario, seconds: 9 },
      { firmware: inV8(), seed: 5, trace: (line) => lines.push(line) },
    );
    expect(lines.length).toBeGreaterThan(100);
    expect(text).toBe(`${lines.join('\n')}\n`);

    const untraced = new Page();
    untraced.post({ t: 'open', scenario, seed: 5, firmware: firmware() });
    untraced.post({ t: 'trace' });
    expect(untraced.traces).toEqual([{ text: '', fullAtMs: null }]);
  });

  it('runs no faster than it is asked to, says how fast it is, and stands still when it is paused', async () => {
    const page = new Page();
    page.post({ t: 'open', scenario, seed: 1, firmware: firmware() });
    const startedMs = performance.now();
    page.post({ t: 'run', rate: 2 });
    const { atMs, ratio } = await page.next((news) => news.ratio !== null && news.atMs > 400);
    expect(atMs).toBeLessThanOrEqual(2 * (performance.now() - startedMs) + 20);
    expect(ratio).toBeGreaterThan(0);
    expect(ratio).toBeLessThan(2.5);
    const paused = page.next(({ running }) => !running);
    page.post({ t: 'pause' });
    const { atMs: stoodAtMs } = await paused;
    await new Promise((resolve) => setTimeout(resolve, 60));
    page.post({ t: 'perform', event: { do: 'jam', channel: 6, on: true } });
    expect(page.all.at(-1)!.atMs).toBe(stoodAtMs);
  });

  it('stops by itself where a script ends, and goes on when it is asked to', async () => {
    const page = new Page();
    page.post({ t: 'open', scenario: { ...scenario, seconds: 1 }, seed: 1, firmware: firmware() });
    const over = page.next(({ isOver, running }) => isOver && !running);
    page.post({ t: 'run', rate: null });
    expect((await over).atMs).toBe(1000);
    expect((await page.step(500)).atMs).toBe(1500);
  });

  it('says what failed instead of falling silent', () => {
    const page = new Page();
    page.post({ t: 'pause' });
    expect(page.failures[0]).toContain('came before "open"');
  });
});

describe('a scenario from a file', () => {
  const good = { name: 'n', seconds: 1, nodes: [{ x: 0, y: 0 }], events: [] };
  it.each([
    ['[]', /"name" is missing/],
    [{ ...good, events: [{ atMs: 0, do: 'explode' }] }, /no event is called "explode"/],
    [{ ...good, events: [{ atMs: 0, do: 'kill', node: 1 }] }, /names a node that is not there/],
    [{ ...good, events: [{ atMs: 0, do: 'move', node: 0 }] }, /no place to go to/],
    [{ ...good, events: [{ atMs: 0, do: 'walls', walls: [{}] }] }, /no list of walls/],
    [{ ...good, events: [{ atMs: 0, do: 'partition', groups: [[0], [9]] }] }, /no list of groups/],
    [{ ...good, propagation: { exponent: 'x' } }, /holds something that is no number/],
  ])('is refused with what is wrong: %j', (value, why) => {
    const read = readScenario(typeof value === 'string' ? value : JSON.stringify(value));
    expect(read.ok ? '' : read.why).toMatch(why);
  });
});

describe('the reach that the screen draws', () => {
  it('is where this model loses a tenth', () => {
    for (const { propagation, reachM } of AIRS_OFFERED) {
      const model = new Propagation(1, {
        ...propagation,
        shadowDb: 0,
        asymmetryDb: 0,
        floorLoss: 0,
      });
      const rssi = model.rssiDbm('a', { x: 0, y: 0 }, 'b', { x: reachM, y: 0 });
      expect(model.loss(rssi)).toBeCloseTo(0.1, 5);
    }
    expect(AIRS_OFFERED.find(({ id }) => id === 'house')?.propagation).toEqual({
      exponent: USUAL_PROPAGATION.exponent,
      shadowDb: USUAL_PROPAGATION.shadowDb,
    });
  });
});
