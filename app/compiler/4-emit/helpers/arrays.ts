import type { Helper } from './helper.ts';

/** Runtime helpers in Python: Arrays, and what text and bytes share with them. */
export const ARRAYS = {
  put: {
    // a[i] = v: writing just behind the end makes an array longer.
    python: `def put(a, i, v):
 if i == len(a):
  a.append(v)
 elif i < 0:
  raise IndexError
 else:
  a[i] = v`,
  },
  at: {
    python: `def at(a, i):
 return a[i] if 0 <= i < len(a) else None`,
  },
  num_at: {
    python: `def num_at(a, i):
 return a[i] if 0 <= i < len(a) else float('nan')`,
  },
  low_at: {
    python: `def low_at(a, i):
 return a[i] if 0 <= i < len(a) else 0`,
  },
  text_at: {
    python: `def text_at(a, i):
 return str(a[i]) if 0 <= i < len(a) else 'undefined'`,
  },
  place: {
    // An index that may be negative raises, instead of reading from the end.
    python: `def place(a, i):
 if i < 0:
  raise IndexError
 return a[i]`,
  },
  at_end: {
    python: `def at_end(a, i):
 n = len(a)
 if i < 0:
  i += n
 return a[i] if 0 <= i < n else None`,
  },
  pop: {
    python: `def pop(a):
 return a.pop() if a else None`,
  },
  shift: {
    python: `def shift(a):
 return a.pop(0) if a else None`,
  },
  push: {
    python: `def push(a, *v):
 a.extend(v)
 return len(a)`,
  },
  unshift: {
    python: `def unshift(a, *v):
 n = 0
 for x in v:
  a.insert(n, x)
  n += 1
 return len(a)`,
  },
  splice: {
    python: `def splice(a, i, n=None, *v):
 k = len(a)
 if i < 0:
  i = max(0, k + i)
 i = min(i, k)
 n = k - i if n is None else max(0, min(n, k - i))
 r = a[i:i + n]
 a[:] = a[:i] + list(v) + a[i + n:]
 return r`,
  },
  clear_to: {
    python: `def clear_to(a, n):
 while len(a) > n:
  a.pop()`,
  },
  includes_nan: {
    python: `def includes_nan(a, x):
 return x in a or x != x and any([y != y for y in a])`,
  },
  index_of: {
    python: `def index_of(a, x):
 i = 0
 for y in a:
  if y == x:
   return i
  i += 1
 return -1`,
  },
  last_index_of: {
    python: `def last_index_of(a, x):
 i = len(a) - 1
 while i >= 0:
  if a[i] == x:
   return i
  i -= 1
 return -1`,
  },
  index_of_object: {
    python: `def index_of_object(a, x):
 i = 0
 for y in a:
  if y is x:
   return i
  i += 1
 return -1`,
  },
  last_index_of_object: {
    python: `def last_index_of_object(a, x):
 i = len(a) - 1
 while i >= 0:
  if a[i] is x:
   return i
  i -= 1
 return -1`,
  },
  find: {
    python: `def find(a, f):
 for x in a:
  if f(x):
   return x`,
  },
  find_i: {
    python: `def find_i(a, f):
 i = 0
 for x in a:
  if f(x, i):
   return x
  i += 1`,
  },
  find_index: {
    python: `def find_index(a, f):
 i = 0
 for x in a:
  if f(x):
   return i
  i += 1
 return -1`,
  },
  find_index_i: {
    python: `def find_index_i(a, f):
 i = 0
 for x in a:
  if f(x, i):
   return i
  i += 1
 return -1`,
  },
  find_last: {
    python: `def find_last(a, f):
 for x in reversed(a):
  if f(x):
   return x`,
  },
  find_last_i: {
    python: `def find_last_i(a, f):
 i = len(a) - 1
 while i >= 0:
  if f(a[i], i):
   return a[i]
  i -= 1`,
  },
  find_last_index: {
    python: `def find_last_index(a, f):
 i = len(a) - 1
 while i >= 0:
  if f(a[i]):
   return i
  i -= 1
 return -1`,
  },
  find_last_index_i: {
    python: `def find_last_index_i(a, f):
 i = len(a) - 1
 while i >= 0:
  if f(a[i], i):
   return i
  i -= 1
 return -1`,
  },
  some: {
    python: `def some(a, f):
 for x in a:
  if f(x):
   return True
 return False`,
  },
  some_i: {
    python: `def some_i(a, f):
 i = 0
 for x in a:
  if f(x, i):
   return True
  i += 1
 return False`,
  },
  every: {
    python: `def every(a, f):
 for x in a:
  if not f(x):
   return False
 return True`,
  },
  every_i: {
    python: `def every_i(a, f):
 i = 0
 for x in a:
  if not f(x, i):
   return False
  i += 1
 return True`,
  },
  map_: {
    python: `def map_(a, f):
 return [f(x) for x in a]`,
  },
  map_i: {
    python: `def map_i(a, f):
 return [f(x, i) for i, x in enumerate(a)]`,
  },
  filter_: {
    python: `def filter_(a, f):
 return [x for x in a if f(x)]`,
  },
  filter_i: {
    python: `def filter_i(a, f):
 return [x for i, x in enumerate(a) if f(x, i)]`,
  },
  for_each: {
    python: `def for_each(a, f):
 for x in a:
  f(x)`,
  },
  for_each_i: {
    python: `def for_each_i(a, f):
 i = 0
 for x in a:
  f(x, i)
  i += 1`,
  },
  flat_map: {
    python: `def flat_map(a, f):
 r = []
 for x in a:
  r.extend(f(x))
 return r`,
  },
  flat_map_i: {
    python: `def flat_map_i(a, f):
 r = []
 for i, x in enumerate(a):
  r.extend(f(x, i))
 return r`,
  },
  reduce: {
    python: `def reduce(a, f, s):
 for x in a:
  s = f(s, x)
 return s`,
  },
  reduce_i: {
    python: `def reduce_i(a, f, s):
 i = 0
 for x in a:
  s = f(s, x, i)
  i += 1
 return s`,
  },
  reduce_first: {
    python: `def reduce_first(a, f):
 s = a[0]
 for x in a[1:]:
  s = f(s, x)
 return s`,
  },
  reduce_first_i: {
    python: `def reduce_first_i(a, f):
 s = a[0]
 i = 1
 while i < len(a):
  s = f(s, a[i], i)
  i += 1
 return s`,
  },
  reverse: {
    python: `def reverse(a):
 a.reverse()
 return a`,
  },
  flat: {
    python: `def flat(a):
 r = []
 for x in a:
  if isinstance(x, (list, tuple)):
   r.extend(x)
  else:
   r.append(x)
 return r`,
  },
  with_: {
    python: `def with_(a, i, v):
 a = list(a)
 if not -len(a) <= i < len(a):
  raise ValueError('Invalid index')
 a[i] = v
 return a`,
  },
  copy_within: {
    python: `def copy_within(a, t, i, j=None):
 n = len(a)
 t = max(0, t + n) if t < 0 else min(t, n)
 b = a[i:] if j is None else a[i:j]
 b = b[:n - t]
 a[t:t + len(b)] = bytes(b) if not isinstance(b, list) else b
 return a`,
  },
  index_of_from: {
    python: `def index_of_from(a, x, i):
 if i < 0:
  i = max(0, len(a) + i)
 while i < len(a):
  if a[i] == x:
   return i
  i += 1
 return -1`,
  },
  index_of_any: {
    needs: ['same'],
    python: `def index_of_any(a, x):
 i = 0
 for y in a:
  if same(x, y):
   return i
  i += 1
 return -1`,
  },
  sort: {
    // Stable, as JavaScript's is (list.sort is not): merging from the bottom up keeps the call stack flat.
    python: `def sort(a, f):
 n = len(a)
 w = 1
 while w < n:
  b = []
  i = 0
  while i < n:
   m = min(i + w, n)
   e = min(m + w, n)
   j = i
   k = m
   while j < m and k < e:
    if f(a[j], a[k]) <= 0:
     b.append(a[j])
     j += 1
    else:
     b.append(a[k])
     k += 1
   b.extend(a[j:m])
   b.extend(a[k:e])
   i = e
  a[:] = b
  w *= 2
 return a`,
  },
  sort_text: {
    python: `def sort_text(a):
 a.sort()
 return a`,
  },
  fill: {
    python: `def fill(a, v, i=0, j=None):
 n = len(a)
 if i < 0:
  i = max(0, n + i)
 if j is None or j > n:
  j = n
 elif j < 0:
  j += n
 while i < j:
  a[i] = v
  i += 1
 return a`,
  },
  concat: {
    python: `def concat(a, *v):
 r = list(a)
 for x in v:
  if isinstance(x, list):
   r.extend(x)
  else:
   r.append(x)
 return r`,
  },
} as const satisfies Record<string, Helper>;
