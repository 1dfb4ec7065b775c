/** Scenarios by name, for the command line, the tests of both engines, and the Rehearse screen. */
import { field, row, USUAL_GAP_M } from './layout.ts';
import type { Scenario, ScenarioRouter } from './scenario.ts';

/** In a room: everyone hears everyone well. */
const ROOM_M = 12;
/** Good to the next node, hopeless to the one after. */
const HOP_M = 210;
/** Four of them are out of reach altogether. */
const BRIDGE_M = 175;

/** Short ones, of few nodes: both engines run all of them in the tests. */
export const SHORT: readonly Scenario[] = [
  {
    name: 'room',
    about: 'five nodes in a room, and one console that asks',
    seconds: 14,
    nodes: row(5, ROOM_M),
    events: [
      { atMs: 9000, do: 'send', node: 1, request: 'hello' },
      { atMs: 10_000, do: 'send', node: 2, request: 'topology' },
      { atMs: 11_000, do: 'send', node: 3, request: 'nonsense' },
    ],
  },
  {
    name: 'kills',
    about: 'nodes die one after another, the root among them',
    seconds: 30,
    nodes: field(5, ROOM_M, 3),
    events: [
      { atMs: 10_000, do: 'kill', node: 1 },
      { atMs: 15_000, do: 'kill', node: 2 },
      { atMs: 20_000, do: 'kill', node: 4 },
    ],
  },
  {
    name: 'partition',
    about: 'two halves do not hear each other for a while',
    seconds: 34,
    nodes: row(4, ROOM_M),
    events: [
      {
        atMs: 9000,
        do: 'partition',
        groups: [
          [0, 1],
          [2, 3],
        ],
      },
      { atMs: 21_000, do: 'partition', groups: [] },
    ],
  },
  {
    name: 'jam',
    about: 'the channel is jammed for seven seconds',
    seconds: 26,
    nodes: row(4, ROOM_M),
    events: [
      { atMs: 9000, do: 'jam', channel: 6, on: true },
      { atMs: 16_000, do: 'jam', channel: 6, on: false },
    ],
  },
  {
    name: 'bad-air',
    about: 'frames are lost, doubled and damaged from the start',
    seconds: 20,
    nodes: row(4, ROOM_M),
    events: [{ atMs: 0, do: 'air', loss: 0.2, duplicate: 0.1, damage: 0.05 }],
  },
  {
    name: 'reboot',
    about: 'nodes restart at their buttons, one of them as it comes up',
    seconds: 24,
    nodes: row(4, ROOM_M),
    events: [
      { atMs: 4000, do: 'reset', node: 2 },
      { atMs: 10_000, do: 'reset', node: 0 },
      { atMs: 12_500, do: 'reset', node: 0 },
    ],
  },
  {
    name: 'power-cut',
    about:
      'power goes while a starting node writes its boot counter, at one flash operation after another',
    seconds: 30,
    nodes: row(3, ROOM_M),
    events: [1, 2, 3, 4, 5].map((operation, i) => ({
      atMs: 6000 + 4000 * i,
      do: 'power-cut' as const,
      node: i % 3,
      operation,
      offMs: 500,
    })),
  },
  {
    name: 'late-joiner',
    about:
      'one node starts when the others have long been a mesh, and a keyless one sits among them',
    seconds: 22,
    nodes: [...row(4, ROOM_M), { x: 20, y: 10, startMs: 12_000 }, { x: 30, y: 9, keyless: true }],
    events: [],
  },
  {
    name: 'islands',
    about:
      'two islands form apart, out of each other’s reach, and are joined by nodes between them',
    seconds: 40,
    nodes: [
      ...row(2, ROOM_M),
      ...row(2, ROOM_M, 4 * BRIDGE_M),
      ...row(3, BRIDGE_M, BRIDGE_M).map((node) => ({ ...node, startMs: null })),
    ],
    events: [4, 5, 6].map((node) => ({ atMs: 14_000, do: 'start' as const, node })),
  },
  {
    name: 'moved',
    about:
      'a node at the end of a row is carried to the other end, behind a wall that is built later',
    seconds: 40,
    nodes: row(4, HOP_M),
    events: [
      { atMs: 14_000, do: 'move', node: 3, x: -HOP_M, y: 0 },
      {
        atMs: 27_000,
        do: 'walls',
        walls: [{ from: { x: 100, y: -50 }, to: { x: 100, y: 50 }, lossDb: 4 }],
      },
    ],
  },
  {
    name: 'intruder',
    about: 'somebody forges frames, and replays those of a node that is dead',
    seconds: 60,
    nodes: row(4, ROOM_M),
    events: [
      { atMs: 9000, do: 'forge', node: 1, count: 40 },
      { atMs: 12_000, do: 'kill', node: 2 },
      { atMs: 50_000, do: 'replay', node: 1, of: 2, count: 30 },
      { atMs: 52_000, do: 'replay', node: 1, of: 0, count: 30 },
    ],
  },
  {
    name: 'asymmetric',
    about: 'one node is heard by another that it does not hear',
    seconds: 20,
    nodes: row(4, ROOM_M),
    events: [
      { atMs: 0, do: 'deafen', from: 0, to: 1, on: true },
      { atMs: 12_000, do: 'deafen', from: 0, to: 1, on: false },
    ],
  },
];

const HOME = { ssid: 'home', password: 'correct horse' };

/** Nodes of a row in a room, and a router beside the last one, which the network's settings name. Firmware with ROUTER only. */
function withRouter(
  name: string,
  about: string,
  seconds: number,
  nodes: number,
  router: Partial<ScenarioRouter>,
  events: Scenario['events'] = [],
): Scenario {
  return {
    name,
    about,
    seconds,
    nodes: row(nodes, ROOM_M),
    events,
    routers: [{ ...HOME, channel: 11, x: ROOM_M * nodes, y: 3, ...router }],
    networkRouter: HOME,
  };
}

export const WITH_ROUTER: readonly Scenario[] = [
  withRouter(
    'router',
    'a router stands at one end from the start: the node beside it is root',
    30,
    4,
    {},
  ),
  withRouter(
    'router-later',
    'a router is switched on after two minutes, on another channel than the mesh',
    420,
    4,
    { on: false },
    [{ atMs: 120_000, do: 'router', router: 0, on: true }],
  ),
  withRouter('router-gone', 'a router loses its power for two minutes', 500, 4, {}, [
    { atMs: 40_000, do: 'router', router: 0, on: false },
    { atMs: 150_000, do: 'router', router: 0, on: true },
  ]),
  withRouter('router-moves', 'a router goes to another channel, and the mesh with it', 75, 3, {}, [
    { atMs: 30_000, do: 'router-channel', router: 0, channel: 3 },
  ]),
  withRouter(
    'router-moves-in-trouble',
    'a router goes to another channel while nodes are off, restart, and lose their power',
    220,
    5,
    {},
    [
      { atMs: 30_000, do: 'kill', node: 0 },
      { atMs: 40_000, do: 'router-channel', router: 0, channel: 1 },
      { atMs: 45_000, do: 'kill', node: 4 },
      { atMs: 47_000, do: 'reset', node: 1 },
      { atMs: 90_000, do: 'start', node: 0 },
      { atMs: 95_000, do: 'start', node: 4 },
    ],
  ),
  withRouter(
    'router-refuses',
    'the password in the settings is not the router’s: the mesh goes on without it',
    120,
    3,
    { password: 'another one' },
  ),
  withRouter(
    'router-at-the-edge',
    'five nodes in a row, the router at the end of it: the edge is root, not the middle',
    40,
    5,
    { x: -3 },
  ),
];

/** `field` of any size: the usual measurement of forming and of a lost root's subtree. */
export function usual(nodes: number, seconds: number, seed: number): Scenario {
  return {
    name: 'field',
    about: 'a square of nodes with about a dozen neighbours each',
    seconds,
    nodes: field(nodes, USUAL_GAP_M, seed),
    events: [],
  };
}

export const SCENARIO_NAMES: readonly string[] = [
  'field',
  'random',
  ...SHORT.map((scenario) => scenario.name),
  ...WITH_ROUTER.map((scenario) => scenario.name),
];

export function namedScenario(name: string): Scenario | undefined {
  return [...SHORT, ...WITH_ROUTER].find((scenario) => scenario.name === name);
}
