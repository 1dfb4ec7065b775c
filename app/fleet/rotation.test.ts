import { describe, expect, it } from 'vitest';
import { networkFromJson, networkToJson } from './files.ts';
import { newNetwork, newNode } from './record.ts';
import {
  finishNode,
  finishRotation,
  noteTold,
  standingOf,
  startRotation,
  switchOver,
  takeBack,
} from './rotation.ts';

const network = newNetwork({ name: 'Haus' }, 0);
const node = { ...newNode({ name: 'a', zone: 'z', mac: '24:0a:c4:00:00:01' }, [], 0) };
const joined = { ...node, state: 'joined' as const };
const codeOf = (act: () => unknown): string => {
  try {
    act();
    return 'done';
  } catch (error) {
    return (error as { code?: string }).code ?? String(error);
  }
};

describe('a rotation in the book', () => {
  it('makes the next epoch and a new setup key, and keeps the key that rules', () => {
    const started = startRotation(network, [], 5);
    expect(started.keys.current.epoch).toBe(2);
    expect(started.keys.previous).toEqual(network.keys.current);
    expect(started.keys.setupKey).not.toEqual(network.keys.setupKey);
    expect(started.keys.adminKey).toEqual(network.keys.adminKey);
    expect(started.rotation).toEqual({ startedAtMs: 5, switched: false, told: [], revoked: [] });
  });

  it('begun again, for one more node to leave out, forgets who was told and keeps the same ruling key', () => {
    const once = noteTold(startRotation(network, ['x'], 5), joined.id, 2);
    const again = startRotation(once, [joined.id], 9);
    expect(again.keys.current.epoch).toBe(3);
    expect(again.keys.previous).toEqual(network.keys.current);
    expect(again.keys.current.key).not.toEqual(once.keys.current.key);
    expect(again.rotation).toMatchObject({ startedAtMs: 5, told: [], revoked: ['x', joined.id] });
  });

  it('counts a node as told for the present epoch only, and once', () => {
    const started = startRotation(network, [], 5);
    expect(standingOf(started.rotation!, joined)).toBe('waits');
    expect(noteTold(started, joined.id, 1)).toBe(started);
    const told = noteTold(started, joined.id, 2);
    expect(standingOf(told.rotation!, joined)).toBe('has');
    expect(noteTold(told, joined.id, 2)).toBe(told);
    expect(standingOf(started.rotation!, node)).toBe('outside');
  });

  it('takes a revocation back until the switch, and not after it', () => {
    const started = startRotation(network, [joined.id], 5);
    expect(standingOf(started.rotation!, joined)).toBe('revoked');
    expect(takeBack(started, joined.id).rotation?.revoked).toEqual([]);
    const switched = switchOver(started);
    expect(codeOf(() => takeBack(switched, joined.id))).toBe('rotation-running');
    expect(codeOf(() => startRotation(switched, [], 6))).toBe('rotation-running');
  });

  it('ends after the switch only: the old key is forgotten, revoked nodes lose their node key', () => {
    const started = startRotation(network, [joined.id], 5);
    expect(codeOf(() => finishRotation(started))).toBe('rotation-running');
    expect(codeOf(() => finishRotation(network))).toBe('no-rotation');
    const switched = switchOver(started);
    const finished = finishRotation(switched);
    expect([finished.rotation, finished.keys.previous]).toEqual([null, null]);
    const left = finishNode(switched.rotation!, joined, 7);
    expect(left.state).toBe('revoked');
    expect(left.nodeKey).not.toEqual(joined.nodeKey);
    expect(finishNode(switched.rotation!, { ...joined, id: 'other' }, 7).state).toBe('joined');
  });

  it('survives the file, and a file from before rotations is read', () => {
    const started = noteTold(startRotation(network, ['x'], 5), joined.id, 2);
    expect(networkFromJson(networkToJson(started))).toEqual(started);
    const old = JSON.parse(networkToJson(network)) as Record<string, unknown>;
    delete old['rotation'];
    expect(networkFromJson(JSON.stringify({ ...old, schema: 1 }))).toEqual(network);
  });
});
