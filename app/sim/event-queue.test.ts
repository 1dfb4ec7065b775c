import { describe, expect, it } from 'vitest';
import { seededRandom } from '../base/random.ts';
import { EventQueue } from './event-queue.ts';

describe('events', () => {
  it('come in the order of their time, and those of one time in the order in which they were added', () => {
    const queue = new EventQueue();
    const random = seededRandom(1);
    // More than there is room for at first, and many of one time.
    const added = Array.from({ length: 1000 }, (_, i) => ({ atUs: random.int(50), i }));
    const came: { atUs: number; i: number }[] = [];
    for (const one of added) queue.at(one.atUs, () => void came.push(one));
    expect(queue.run(100)).toBeUndefined();
    expect(came).toEqual([...added].sort((a, b) => a.atUs - b.atUs || a.i - b.i));
  });

  it('do not come when they were cancelled, and are not what comes next', () => {
    const queue = new EventQueue();
    const came: string[] = [];
    queue.at(1, () => void came.push('first')).cancelled = true;
    queue.at(2, () => void came.push('second'));
    expect(queue.nextAtUs).toBe(2);
    void queue.run(10);
    expect(came).toEqual(['second']);
  });

  it('that are put elsewhere come there and not where they were: earlier, later, again, or after all', () => {
    const queue = new EventQueue();
    const came: [string, number][] = [];
    const event = (name: string, atUs: number) =>
      queue.at(atUs, { run: () => void came.push([name, queue.nowUs]) });
    const [sooner, later, over, called] = [
      event('sooner', 50),
      event('later', 10),
      event('over', 5),
      event('called', 20),
    ];
    queue.again(sooner, 7);
    queue.again(later, 60);
    called.cancelled = true;
    void queue.run(30);
    expect(came).toEqual([
      ['over', 5],
      ['sooner', 7],
    ]);
    queue.again(over, 70);
    queue.again(called, 60); // after the one that was put there before
    void queue.run(100);
    expect(came.slice(2)).toEqual([
      ['later', 60],
      ['called', 60],
      ['over', 70],
    ]);
    expect(queue.nextAtUs).toBeUndefined();
  });

  it('that take their time are waited for', async () => {
    const queue = new EventQueue();
    const came: string[] = [];
    queue.at(1, async () => {
      await Promise.resolve();
      came.push('slow');
    });
    queue.at(2, () => void came.push('next'));
    for (let pending; (pending = queue.run(10));) await pending;
    expect(came).toEqual(['slow', 'next']);
  });
});
