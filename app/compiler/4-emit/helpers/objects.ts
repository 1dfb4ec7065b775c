import type { Helper } from './helper.ts';

/** Runtime helpers in Python: Map, Set, records, errors, generators. */
export const OBJECTS = {
  OrderedDict: { python: 'from collections import OrderedDict' },
  delete: {
    python: `def delete(m, k):
 if k in m:
  del m[k]
  return True
 return False`,
  },
  set_item: {
    python: `def set_item(m, k, v=None):
 m[k] = v
 return m`,
  },
  for_each_entry: {
    needs: ['live'],
    python: `def for_each_entry(m, f):
 for k in live(m):
  f(m[k], k)`,
  },
  for_each_key: {
    needs: ['live'],
    python: `def for_each_key(m, f):
 for k in live(m):
  f(k, k)`,
  },
  rest_of: {
    needs: ['OrderedDict'],
    python: `def rest_of(m, *a):
 r = OrderedDict()
 for k in m:
  if k not in a:
   r[k] = m[k]
 return r`,
  },
  member: {
    // A member by a key that is only known at run time, of an object of any layout.
    python: `def member(o, k):
 return o.get(k) if isinstance(o, dict) else getattr(o, k, None)`,
  },
  take: {
    // The first n of what an iterator gives, which ends it there.
    python: `def take(g, n):
 r = []
 g = iter(g)
 while n:
  try:
   r.append(next(g))
  except StopIteration:
   return r
  n -= 1
 if hasattr(g, 'close'):
  g.close()
 return r`,
  },
  close: {
    python: `def close(g):
 if hasattr(g, 'close'):
  g.close()`,
  },
  type_of: {
    python: `def type_of(x):
 if x is None:
  return 'undefined'
 if x is True or x is False:
  return 'boolean'
 if isinstance(x, str):
  return 'string'
 if isinstance(x, (int, float)):
  return 'number'
 return 'function' if callable(x) else 'object'`,
  },
  live: {
    // Keys in order while the loop's body adds and deletes entries.
    python: `def live(m):
 seen = set()
 more = list(m)
 while more:
  for k in more:
   if k in m:
    yield k
  seen.update(more)
  more = [k for k in m if k not in seen]`,
  },
  live_items: {
    needs: ['live'],
    python: `def live_items(m):
 for k in live(m):
  yield k, m[k]`,
  },
  walk: {
    // A Map, or anything else that is walked.
    needs: ['live_items'],
    python: `def walk(m):
 return live_items(m) if hasattr(m, 'items') else m`,
  },
  live_values: {
    needs: ['live'],
    python: `def live_values(m):
 for k in live(m):
  yield m[k]`,
  },
  make_map: {
    needs: ['OrderedDict'],
    python: `def make_map(a):
 m = OrderedDict()
 for k, v in a.items() if hasattr(a, 'items') else a:
  m[k] = v
 return m`,
  },
  make_set: {
    needs: ['OrderedDict'],
    python: `def make_set(a):
 m = OrderedDict()
 for k in a:
  m[k] = None
 return m`,
  },
  make_ordered: {
    needs: ['OrderedDict'],
    python: `def make_ordered(*a):
 m = OrderedDict()
 i = 0
 while i < len(a):
  m[a[i]] = a[i + 1]
  i += 2
 return m`,
  },
  is_index: {
    python: `def is_index(k):
 return k == '0' or (k and k[0] != '0' and len(k) < 10 and all('0' <= c <= '9' for c in k))`,
  },
  keys: {
    // JavaScript lists whole-number keys first, by size.
    needs: ['is_index'],
    python: `def keys(m):
 ks = list(m)
 n = [k for k in ks if is_index(k)]
 if n:
  n.sort(key=int)
  ks = n + [k for k in ks if not is_index(k)]
 return ks`,
  },
  values: {
    needs: ['keys'],
    python: `def values(m):
 return [m[k] for k in keys(m)]`,
  },
  entries: {
    needs: ['keys'],
    python: `def entries(m):
 return [[k, m[k]] for k in keys(m)]`,
  },
  merge: {
    python: `def merge(m, *a):
 for x in a:
  if x is not None:
   for k in x:
    m[k] = x[k]
 return m`,
  },
  record: {
    python: `class record:
 def __init__(self, **fields):
  for k in fields:
   setattr(self, k, fields[k])`,
  },
  is_object: {
    python: `def is_object(x):
 return not (isinstance(x, (str, int, float, bool)) or callable(x))`,
  },
  same: {
    // === where a value may be a primitive or an object.
    python: `def same(a, b):
 if isinstance(a, (str, int, float)):
  return isinstance(b, (str, int, float)) and a == b
 return a is b`,
  },
  Error: {
    python: `class Error(Exception):
 name = 'Error'
 def __init__(self, message=None):
  self.message = '' if message is None else message
  super().__init__(self.message)`,
  },
  RangeError: {
    needs: ['Error'],
    python: `class RangeError(Error):
 name = 'RangeError'`,
  },
  TypeError_: {
    needs: ['Error'],
    python: `class TypeError_(Error):
 name = 'TypeError'`,
  },
  SyntaxError_: {
    needs: ['Error'],
    python: `class SyntaxError_(Error):
 name = 'SyntaxError'`,
  },
  with_cause: {
    python: `def with_cause(e, o):
 if o is not None and 'cause' in o:
  e.cause = o['cause']
 return e`,
  },
  message_of: {
    python: `def message_of(e):
 return e.message if hasattr(e, 'message') else str(e)`,
  },
  name_of: {
    python: `def name_of(e):
 if hasattr(e, 'name'):
  return e.name
 n = e.__class__.__name__
 return 'RangeError' if n in ('IndexError', 'ValueError') else 'TypeError' if n == 'AttributeError' else n`,
  },
  error_text: {
    needs: ['message_of', 'name_of'],
    python: `def error_text(e):
 n = name_of(e)
 m = message_of(e)
 return n + ': ' + m if n and m else n or m`,
  },
  step: {
    python: `def step(g, v=None):
 try:
  return {'value': g.send(v) if hasattr(g, 'send') else next(g), 'done': False}
 except StopIteration as e:
  return {'value': e.value, 'done': True}
 except TypeError as e:
  if v is None or 'just-started' not in str(e):
   raise
  return step(g)`,
  },
  path: { python: 'from sys import path' },
  modules: { python: 'from sys import modules' },
  collect: { python: 'from gc import collect' },
  load_part: {
    needs: ['path', 'modules', 'collect'],
    // Nothing keeps the module but what is made of it: the collector takes the code when that is gone.
    python: `def load_part(n):
 collect()
 p = path[:]
 path[:] = [__file__.rpartition('/')[0] or '/']
 try:
  return __import__(n)
 finally:
  path[:] = p
  modules.pop(n, None)`,
  },
  has: {
    python: `def has(m, k):
 return k in m`,
  },
} as const satisfies Record<string, Helper>;
