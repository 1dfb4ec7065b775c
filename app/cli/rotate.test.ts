import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { networkFromJson, nodeFromJson } from '../fleet/files.ts';
import type { NetworkRecord } from '../fleet/record.ts';
import { runCommandLine } from './run.ts';

let folder: string;
let said: string[];
const file = (name: string): string => join(folder, name);

function cli(...args: string[]): Promise<number> {
  said = [];
  const say = (text: string): void => void said.push(text);
  return runCommandLine(args, { out: say, err: say }, new AbortController().signal);
}

const read = async (): Promise<NetworkRecord> =>
  networkFromJson(await readFile(file('network.json'), 'utf8'));

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'rotate-'));
  await cli('keygen', '--out', file('network.json'));
  for (const [i, name] of ['a', 'b'].entries()) {
    const mac = `24:0a:c4:00:00:0${2 * i + 1}`;
    const who = ['--mac', mac, '--name', name, '--zone', 'hall', '--out', file(`${name}.json`)];
    expect(await cli('node', '--network', file('network.json'), ...who)).toBe(0);
  }
});
afterEach(() => rm(folder, { recursive: true }));

const rotate = (...args: string[]): Promise<number> =>
  cli('rotate', '--network', file('network.json'), ...args);

describe('rotate', () => {
  it('makes new keys in the file, readable by its owner only, and leaves no other file', async () => {
    const before = await read();
    expect(await rotate('--step', 'start', '--revoke', file('b.json'))).toBe(0);
    const after = await read();
    expect(after.keys.current.epoch).toBe(before.keys.current.epoch + 1);
    expect(after.keys.previous).toEqual(before.keys.current);
    expect(after.rotation?.revoked).toHaveLength(1);
    expect((await stat(file('network.json'))).mode & 0o777).toBe(0o600);
    expect((await readdir(folder)).sort()).toEqual(['a.json', 'b.json', 'network.json']);
  });

  it('leaves a node that is being revoked no way in: provision refuses it, and not the others', async () => {
    await rotate('--step', 'start', '--revoke', file('b.json'));
    const files = (name: string): string[] => [
      ...['--network', file('network.json'), '--node', file(name)],
      ...['--connect', '127.0.0.1:1'],
    ];
    expect(await cli('provision', ...files('b.json'))).toBe(1);
    expect(said.join(' ')).toContain('b is being revoked');
    expect(await cli('provision', ...files('a.json'))).toBe(1);
    expect(said.at(-1)).toContain('cannot connect');
  });

  it('finishes only what has switched, and gives node files the keys that rule then', async () => {
    expect(await rotate('--step', 'finish')).toBe(1);
    expect(said.join(' ')).toContain('No keys are being rotated');
    await rotate('--step', 'start', '--revoke', file('b.json'));
    expect(await rotate('--step', 'finish')).toBe(1);
    expect(said.join(' ')).toContain('not changed over');
  });

  it('does not switch while a node is without the new keys, unless told to', async () => {
    await rotate('--step', 'start');
    const step = ['--step', 'switch', '--nodes', file('a.json'), '--connect', '127.0.0.1:1'];
    expect(await rotate(...step)).toBe(1);
    expect(said.join(' ')).toContain('without the new keys yet: a.');
    expect((await read()).rotation?.switched).toBe(false);
    expect(await rotate(...step, '--anyway')).toBe(1); // nobody listens on that port
    expect((await read()).rotation?.switched).toBe(true);
  });

  it('says what is missing or misplaced', async () => {
    expect(await rotate('--step', 'sideways')).toBe(2);
    expect(await rotate('--step', 'tell', '--nodes', file('a.json'))).toBe(2);
    expect(await rotate('--step', 'tell', '--connect', '127.0.0.1:1')).toBe(1);
    expect(said.join(' ')).toContain('--step start');
    expect(await rotate('--step', 'finish', '--revoke', file('a.json'))).toBe(2);
    expect(await rotate('--step', 'start', '--revoke', file('network.json'))).toBe(1);
    expect(nodeFromJson(await readFile(file('a.json'), 'utf8')).node.state).toBe('planned');
  });
});
