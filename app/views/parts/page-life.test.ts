import { expect, it } from 'vitest';
import { PageLife, type Locks } from './page-life.ts';

/** Locks of a browser; those of a page go when it does. */
function browser(): { locks: Locks; leave: (name: string) => void } {
  const held = new Set<string>();
  const locks: Locks = {
    request: (name, holder) => {
      held.add(name);
      return holder();
    },
    query: async () => ({ held: [...held].map((name) => ({ name })) }),
  };
  return { locks, leave: (page) => held.delete(`meshwright-page-${page}`) };
}

it('knows the pages that are open, and no longer those that are gone', async () => {
  const { locks, leave } = browser();
  const [first, second] = [new PageLife(locks, 'first'), new PageLife(locks, 'second')];
  expect(await second.isAlive('first')).toBe(true);
  expect(await first.isAlive('first')).toBe(true);
  leave('first');
  expect(await second.isAlive('first')).toBe(false);
});
it('takes other pages for gone where there are no locks, or none may be asked for', async () => {
  const none = new PageLife(undefined, 'here');
  expect([await none.isAlive('here'), await none.isAlive('there')]).toEqual([true, false]);
  const refusing: Locks = {
    request: () => Promise.reject(new DOMException('no', 'SecurityError')),
    query: () => Promise.reject(new DOMException('no', 'SecurityError')),
  };
  expect(await new PageLife(refusing, 'here').isAlive('there')).toBe(false);
});
