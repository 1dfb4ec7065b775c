/**
 * The runtime helpers emitted code may call, in Python. A build's module `_rt` holds only those in use. Each costs RAM
 * and a level of the board's short call stack, so whatever one expression can say is written in place instead.
 */
interface Helper {
  needs?: readonly string[];
  python: string;
}

export const HELPERS = {
  i32: {
    // Wrap to a signed 32-bit number; small values leave at once without making a long integer.
    python: `def i32(x):
 if -1073741824 <= x < 1073741824:
  return x
 x &= 0xFFFFFFFF
 return x - 0x100000000 if x >= 0x80000000 else x`,
  },
  shl: {
    needs: ['i32'],
    python: `def shl(x, n):
 return i32((x & 0xFFFFFFFF) << (n & 31))`,
  },
  imul: {
    needs: ['i32'],
    python: `def imul(a, b):
 return i32((a & 0xFFFFFFFF) * (b & 0xFFFFFFFF))`,
  },
  rem: {
    python: `def rem(a, b):
 r = abs(a) % abs(b)
 return -r if a < 0 else r`,
  },
  div: {
    python: `def div(a, b):
 return int(a // b) if (a < 0) == (b < 0) else -int(-a // b)`,
  },
  clz32: {
    python: `def clz32(x):
 x &= 0xFFFFFFFF
 n = 32
 while x:
  x >>= 1
  n -= 1
 return n`,
  },
  round_: {
    python: `def round_(x):
 if isinstance(x, int):
  return x
 n = int(x)
 if n > x:
  n -= 1
 return n + 1 if x - n >= 0.5 else n`,
  },
  sign: {
    python: `def sign(x):
 return (x > 0) - (x < 0)`,
  },
  is_integer: {
    python: `def is_integer(x):
 if isinstance(x, int):
  return True
 return isinstance(x, float) and x - x == 0 and x == int(x)`,
  },
  fixed: {
    python: `def fixed(x, n):
 p = 10 ** n
 q = x * p
 i = int(q)
 d = q - i
 if d >= 0.5:
  i += 1
 elif d <= -0.5:
  i -= 1
 s = '%d' % abs(i)
 if n:
  s = '0' * (n + 1 - len(s)) + s
  s = s[:-n] + '.' + s[-n:]
 return '-' + s if x < 0 and i else s`,
  },
  radix: {
    python: `def radix(x, n):
 if x < 0:
  return '-' + radix(-x, n)
 s = ''
 while True:
  s = '0123456789abcdefghijklmnopqrstuvwxyz'[x % n] + s
  x //= n
  if not x:
   return s`,
  },
  parse_int: {
    python: `def parse_int(s, n=10):
 s = s.strip()
 m = s[:1] == '-'
 if m or s[:1] == '+':
  s = s[1:]
 if n == 16 and s[:2].lower() == '0x':
  s = s[2:]
 v = 0
 k = 0
 for c in s:
  d = '0123456789abcdefghijklmnopqrstuvwxyz'.find(c.lower())
  if d < 0 or d >= n:
   break
  v = v * n + d
  k += 1
 if not k:
  return float('nan')
 return -v if m else v`,
  },
  parse_float: {
    python: `def parse_float(s):
 s = s.strip()
 n = len(s)
 while n:
  try:
   v = float(s[:n])
   if s[n - 1] in '0123456789.':
    return int(v) if v - v == 0 and v == int(v) else v
  except ValueError:
   pass
  n -= 1
 return float('nan')`,
  },
  bool_text: {
    python: `def bool_text(b):
 return 'true' if b else 'false'`,
  },
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
  find_last_index: {
    python: `def find_last_index(a, f):
 i = len(a) - 1
 while i >= 0:
  if f(a[i]):
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
  reverse: {
    python: `def reverse(a):
 a.reverse()
 return a`,
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
  set_bytes: {
    python: `def set_bytes(a, b, at=0):
 n = at + len(b)
 if at < 0 or n > len(a):
  raise ValueError('offset is out of bounds')
 if isinstance(b, list):
  b = bytearray([x & 255 for x in b])
 a[at:n] = b`,
  },
  to_bytes: {
    python: `def to_bytes(a):
 if isinstance(a, int):
  return bytearray(a)
 if isinstance(a, (bytearray, bytes, memoryview)):
  return bytearray(a)
 return bytearray([x & 255 for x in a])`,
  },
  view: {
    // Two slices: a view of a view of the part.
    python: `def view(b, at, n=None):
 return memoryview(b)[at:] if n is None else memoryview(b)[at:at + n]`,
  },
  get_u16: {
    python: `def get_u16(b, i, le=False):
 return b[i] | b[i + 1] << 8 if le else b[i] << 8 | b[i + 1]`,
  },
  get_u32: {
    python: `def get_u32(b, i, le=False):
 return unpack_from('<I' if le else '>I', b, i)[0]`,
    needs: ['unpack_from'],
  },
  get_i32: {
    python: `def get_i32(b, i, le=False):
 return unpack_from('<i' if le else '>i', b, i)[0]`,
    needs: ['unpack_from'],
  },
  get_i16: {
    python: `def get_i16(b, i, le=False):
 return unpack_from('<h' if le else '>h', b, i)[0]`,
    needs: ['unpack_from'],
  },
  get_i8: {
    python: `def get_i8(b, i):
 x = b[i]
 return x - 256 if x > 127 else x`,
  },
  set_16: {
    python: `def set_16(b, i, x, le=False):
 pack_into('<H' if le else '>H', b, i, x & 0xFFFF)`,
    needs: ['pack_into'],
  },
  set_32: {
    python: `def set_32(b, i, x, le=False):
 pack_into('<I' if le else '>I', b, i, x & 0xFFFFFFFF)`,
    needs: ['pack_into'],
  },
  unpack_from: { python: 'from struct import unpack_from' },
  pack_into: { python: 'from struct import pack_into' },
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
  live: {
    // Keys in order while the loop's body adds and deletes entries.
    python: `def live(m):
 ks = list(m)
 seen = len(ks)
 for k in ks:
  if k in m:
   yield k
 if len(m) > 0:
  more = [k for k in m if k not in ks]
  while more:
   for k in more:
    if k in m:
     yield k
   ks.extend(more)
   more = [k for k in m if k not in ks]`,
  },
  live_items: {
    needs: ['live'],
    python: `def live_items(m):
 for k in live(m):
  yield k, m[k]`,
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
  char_at: {
    python: `def char_at(s, i):
 return s[i] if 0 <= i < len(s) else ''`,
  },
  code_at: {
    python: `def code_at(s, i):
 return ord(s[i]) if 0 <= i < len(s) else float('nan')`,
  },
  code_point_at: {
    python: `def code_point_at(s, i):
 return ord(s[i]) if 0 <= i < len(s) else None`,
  },
  substring: {
    python: `def substring(s, i, j=None):
 n = len(s)
 j = n if j is None else max(0, min(j, n))
 i = max(0, min(i, n))
 return s[j:i] if i > j else s[i:j]`,
  },
  pad_start: {
    python: `def pad_start(s, n, f=' '):
 n -= len(s)
 return (f * (n // len(f) + 1))[:n] + s if n > 0 and f else s`,
  },
  pad_end: {
    python: `def pad_end(s, n, f=' '):
 n -= len(s)
 return s + (f * (n // len(f) + 1))[:n] if n > 0 and f else s`,
  },
  split: {
    python: `def split(s, d):
 return s.split(d) if d else list(s)`,
  },
  replace_all: {
    python: `def replace_all(s, a, b):
 if a:
  return s.replace(a, b)
 return b + ''.join([c + b for c in s])`,
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
  message_of: {
    python: `def message_of(e):
 return e.message if hasattr(e, 'message') else str(e)`,
  },
  name_of: {
    python: `def name_of(e):
 return e.name if hasattr(e, 'name') else e.__class__.__name__`,
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
  return {'value': g.send(v), 'done': False}
 except StopIteration as e:
  return {'value': e.value, 'done': True}`,
  },
  json_text: {
    python: `def json_text(s):
 r = '"'
 for c in s:
  o = ord(c)
  if c == '"' or c == '\\\\':
   r += '\\\\' + c
  elif o >= 32:
   r += c
  elif c in '\\b\\f\\n\\r\\t':
   r += '\\\\' + 'btn_fr'[o - 8]
  else:
   r += '\\\\u%04x' % o
 return r + '"'`,
  },
  json: {
    needs: ['json_text', 'keys'],
    python: `def json(x):
 if x is None:
  return 'null'
 if x is True:
  return 'true'
 if x is False:
  return 'false'
 if isinstance(x, str):
  return json_text(x)
 if isinstance(x, int):
  return str(x)
 if isinstance(x, float):
  return 'null' if x - x != 0 else str(int(x)) if x == int(x) else str(x)
 if isinstance(x, (list, tuple)):
  return '[' + ','.join([json(y) for y in x]) + ']'
 if isinstance(x, dict):
  return '{' + ','.join([json_text(k) + ':' + json(x[k]) for k in keys(x)]) + '}'
 return '{}'`,
  },
  json_parse: {
    python: `def json_parse(s):
 from json import loads
 return loads(s)`,
  },
  has: {
    python: `def has(m, k):
 return k in m`,
  },
} as const satisfies Record<string, Helper>;

export type HelperName = keyof typeof HELPERS;

export const HELPER_NAMES = Object.keys(HELPERS) as readonly HelperName[];

/** The text of `_rt` with the helpers asked for and those they need, in the order of the table. */
function helpersNeeded(used: ReadonlySet<HelperName>): HelperName[] {
  const wanted = new Set<string>();
  const add = (helper: string): void => {
    if (wanted.has(helper)) return;
    wanted.add(helper);
    const entry: Helper = HELPERS[helper as HelperName];
    for (const need of entry.needs ?? []) add(need);
  };
  for (const helper of used) add(helper);
  const names = HELPER_NAMES.filter((helper) => wanted.has(helper));
  return [...names.filter(isImport), ...names.filter((helper) => !isImport(helper))];
}

const isImport = (helper: HelperName): boolean => HELPERS[helper].python.startsWith('from ');

/** The module `_rt`. */
export function runtimeModule(used: ReadonlySet<HelperName>): string {
  return helpersNeeded(used)
    .map((helper) => `${HELPERS[helper].python}\n`)
    .join('');
}

/** The same helpers as part of another module, under names that no variable of a program has. */
export function runtimeText(
  used: ReadonlySet<HelperName>,
  localName: (helper: string) => string,
): string {
  const needed = helpersNeeded(used);
  const anyName = new RegExp(`(?<![.\\w'"]|from |import )(?:${needed.join('|')})(?!\\w)`, 'g');
  return needed
    .map((helper) =>
      isImport(helper)
        ? `${HELPERS[helper].python} as ${localName(helper)}\n`
        : `${HELPERS[helper].python.replace(anyName, localName)}\n`,
    )
    .join('');
}
