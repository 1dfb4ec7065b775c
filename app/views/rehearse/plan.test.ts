import { describe, expect, it } from 'vitest';
import { AIRS_OFFERED, reachM } from './airs.ts';
import { fit, roundM, toMetres, toPx } from './canvas.ts';
import {
  addAt,
  addGrid,
  addScattered,
  EMPTY_PLAN,
  groupsOf,
  hullOf,
  newcomers,
  planFrom,
  readPlan,
  removeNode,
  scenarioOf,
} from './plan.ts';
import { TrafficRate } from './traffic-rate.ts';
import { worldTime } from './words.ts';

const five = addGrid(EMPTY_PLAN, newcomers(EMPTY_PLAN, 5), 10);

describe('placing nodes', () => {
  it('puts a grid in rows and columns, and a second one beside it, with names of their own', () => {
    expect(five.nodes.map(({ name, x, y }) => [name, x, y])).toEqual([
      ['node-1', 0, 0],
      ['node-2', 10, 0],
      ['node-3', 20, 0],
      ['node-4', 0, 10],
      ['node-5', 10, 10],
    ]);
    const seven = addGrid(five, newcomers(five, 2), 4);
    expect(seven.nodes.slice(5).map(({ name, x }) => [name, x])).toEqual([
      ['node-6', 24],
      ['node-7', 28],
    ]);
  });

  it('takes names and zones of the fleet, and nothing else that its records hold', () => {
    const record = { name: 'lamp', zone: 'hall', mac: '24:0a:c4:00:00:10', id: 'a' };
    expect(addGrid(EMPTY_PLAN, [record], 5).nodes).toEqual([
      { name: 'lamp', zone: 'hall', x: 0, y: 0 },
    ]);
    const [scattered] = addScattered(EMPTY_PLAN, [record], 5, 1).nodes;
    expect(Object.keys(scattered ?? {})).toEqual(['name', 'zone', 'x', 'y']);
  });

  it('scatters by the seed: the same one gives the same places', () => {
    const places = (seed: number): unknown =>
      addScattered(EMPTY_PLAN, newcomers(EMPTY_PLAN, 6), 10, seed).nodes;
    expect(places(3)).toEqual(places(3));
    expect(places(3)).not.toEqual(places(4));
  });

  it('gives a freed name to the next newcomer, and drops a script with the node', () => {
    const scripted = {
      ...five,
      script: [{ atMs: 1, do: 'kill' as const, node: 4 }],
      seconds: 9,
    };
    const four = removeNode(scripted, 1);
    expect(four.script).toEqual([]);
    expect(newcomers(four, 1)[0]?.name).toBe('node-2');
  });
});

describe('groups of nodes', () => {
  it('are cut in halves along an axis, by zone, or around one', () => {
    expect(groupsOf(five.nodes, 'left-right', null)).toEqual([
      [0, 1, 3],
      [2, 4],
    ]);
    expect(groupsOf(five.nodes, 'top-bottom', null)).toEqual([
      [0, 1, 2],
      [3, 4],
    ]);
    expect(groupsOf(five.nodes, 'one', 2)).toEqual([[2], [0, 1, 3, 4]]);
    expect(groupsOf(five.nodes, 'one', null)).toEqual([]);
    const two = addAt(five, { name: 'far', zone: 'yard' }, { x: 0, y: 0 });
    expect(groupsOf(two.nodes, 'zones', null)).toEqual([[0, 1, 2, 3, 4], [5]]);
  });

  it('have a hull without the points inside it', () => {
    const square = [
      { x: 0, y: 0 },
      { x: 4, y: 0 },
      { x: 4, y: 4 },
      { x: 0, y: 4 },
    ];
    expect(hullOf([...square, { x: 2, y: 2 }, { x: 1, y: 3 }])).toHaveLength(4);
    expect(hullOf(square.slice(0, 2))).toHaveLength(2);
    expect(hullOf([square[0]!, square[0]!, square[0]!]).length).toBeLessThan(4);
  });
});

describe('scenarios', () => {
  it('come back as the plan that they were made of', () => {
    const wall = { from: { x: 1, y: 2 }, to: { x: 3, y: 4 }, lossDb: 8 };
    const plan = { ...five, air: 'concrete' as const, seed: 7, walls: [wall] };
    const kill = { atMs: 5000, do: 'kill' as const, node: 1 };
    const scenario = scenarioOf(plan, AIRS_OFFERED, [kill], 12_345);
    expect(scenario.seconds).toBe(13);
    expect(scenario.events).toEqual([{ atMs: 0, do: 'walls', walls: [wall] }, kill]);
    const again = planFrom(scenario, AIRS_OFFERED);
    expect(again).toEqual({ ...plan, script: [kill], seconds: 13 });
    expect(scenarioOf(again, AIRS_OFFERED)).toEqual(scenario);
  });

  it('keep an air that has no name here', () => {
    const scenario = { ...scenarioOf(five, AIRS_OFFERED), propagation: { exponent: 5 } };
    const plan = planFrom(scenario, AIRS_OFFERED);
    expect(plan.air).toBeNull();
    expect(scenarioOf(plan, AIRS_OFFERED).propagation).toEqual({ exponent: 5 });
  });
});

describe('a kept plan', () => {
  it('is read as it was written', () => {
    expect(readPlan(structuredClone(five))).toEqual(five);
  });
  it.each([
    [undefined],
    [null],
    ['plan'],
    [{}],
    [{ nodes: [{ x: 'a', y: 0, name: 'n', zone: '' }], walls: [], script: [] }],
    [{ nodes: [], walls: [{ from: { x: 1, y: 1 } }], script: [] }],
    [{ nodes: [], walls: [], script: [{ do: 'kill' }] }],
  ])('is left aside when it is %j', (row) => {
    expect(readPlan(row)).toBeNull();
  });
});

describe('the picture', () => {
  it('holds all nodes and walls inside its margin, and finds metres again from pixels', () => {
    const wall = { from: { x: -30, y: 5 }, to: { x: -30, y: 60 }, lossDb: 3 };
    const canvas = fit(five.nodes, [wall], 600, 400);
    for (const spot of [...five.nodes, wall.from, wall.to]) {
      const { x, y } = toPx(canvas, spot);
      expect(x).toBeGreaterThanOrEqual(51);
      expect(x).toBeLessThanOrEqual(549);
      expect(y).toBeGreaterThanOrEqual(51);
      expect(y).toBeLessThanOrEqual(349);
    }
    const { x, y } = five.nodes[4]!;
    expect(toMetres(canvas, toPx(canvas, { x, y }))).toEqual({ x, y });
  });
  it('has a scale of a round length, and no endless zoom into one spot', () => {
    expect(roundM(9, 90)).toBe(10);
    expect(roundM(40, 90)).toBe(2);
    expect(roundM(0.1, 90)).toBe(500);
    expect(fit([{ x: 3, y: 3 }], [], 500, 500).pxPerM).toBeLessThan(50);
  });
});

describe('figures', () => {
  it('tell the air of the last ten seconds, not of all time', () => {
    const rate = new TrafficRate();
    rate.add(0, {});
    expect(rate.add(4000, { advert: { bytes: 1000 } })['advert']).toBeCloseTo(2);
    rate.add(10_000, { advert: { bytes: 1000 } });
    expect(rate.add(20_000, { advert: { bytes: 1000 } })['advert']).toBe(0);
  });
  it('say the time of the world with tenths', () => {
    expect(worldTime(0)).toBe('0:00.0');
    expect(worldTime(61_250)).toBe('1:01.2');
    expect(worldTime(3_725_000)).toBe('1:02:05.0');
  });
  it('reach less far the more is in the way', () => {
    expect(Math.round(reachM(3))).toBe(236);
    expect(reachM(2.5)).toBeGreaterThan(reachM(3));
    expect(reachM(4)).toBeLessThan(reachM(3));
  });
});
