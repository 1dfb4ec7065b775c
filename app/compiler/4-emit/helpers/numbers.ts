import type { Helper } from './helper.ts';

/** Runtime helpers in Python: 32-bit operators, division and number text. */
export const NUMBERS = {
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
  nearest: {
    // The 53 bits that JavaScript keeps of a product; a half goes to the even neighbour (IEEE 754-2019, section 4.3.1).
    python: `def nearest(x):
 n = abs(x)
 t = n >> 53
 if not t:
  return x
 s = 0
 while t:
  t >>= 1
  s += 1
 m = n >> s
 d = (n - (m << s)) * 2 - (1 << s)
 if d > 0 or d == 0 and m & 1:
  m += 1
 m <<= s
 return m if x > 0 else -m`,
  },
  quotient: {
    // Infinity and NaN as in JavaScript.
    python: `def quotient(a, b):
 return a / b if b else a * float('inf')`,
  },
  floor_div: {
    python: `def floor_div(a, b):
 if not b:
  return a * float('inf')
 q = a // b
 return q if isinstance(q, int) or q - q != 0 else int(q)`,
  },
  trunc: {
    python: `def trunc(x):
 return int(x) if x - x == 0 else x`,
  },
  floor: {
    python: `def floor(x):
 if isinstance(x, int) or x - x != 0:
  return x
 n = int(x)
 return n - 1 if n > x else n`,
  },
  ceil: {
    python: `def ceil(x):
 if isinstance(x, int) or x - x != 0:
  return x
 n = int(x)
 return n + 1 if n < x else n`,
  },
  rem: {
    python: `def rem(a, b):
 if a >= 0 and b > 0:
  return a % b
 if not b:
  return float('nan')
 r = abs(a) % abs(b)
 return -r if a < 0 else r`,
  },
  div: {
    python: `def div(a, b):
 if not b:
  return a * float('inf')
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
 if x - x != 0:
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
    needs: ['num_text'],
    python: `def fixed(x, n):
 if x - x != 0:
  return num_text(x)
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
  num_radix: {
    needs: ['radix', 'num_text'],
    python: `def num_radix(x, n):
 return radix(x, n) if x - x == 0 else num_text(x)`,
  },
  parse_int: {
    // The longest beginning that is a number of base 10 or 16.
    python: `def parse_int(s, n=10):
 k = s.find('_')
 if k < 0:
  k = len(s)
 while k:
  try:
   return int(s[:k], n)
  except ValueError:
   if n == 16 and s[:k].strip().lower() in ('0x', '-0x', '+0x'):
    break
   k -= 1
 return float('nan')`,
  },
  parse_radix: {
    python: `def parse_radix(s, n=10):
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
  to_number: {
    // Number(text): the whole text must be a number.
    python: `def to_number(s):
 if not isinstance(s, str):
  return s if s is not True and s is not False else int(s)
 s = s.strip()
 if not s:
  return 0
 t = s[:2].lower()
 n = 16 if t == '0x' else 8 if t == '0o' else 2 if t == '0b' else 10
 d = s[2:] if n != 10 else s[1:] if s[0] in '+-' else s
 if d and all('0123456789abcdef'.find(c) in range(n) for c in d.lower()):
  v = int(d, n)
  return -v if s[0] == '-' else v
 if d == 'Infinity':
  return float('-inf' if s[0] == '-' else 'inf')
 if n == 10 and all(c in '0123456789.eE+-' for c in d):
  try:
   v = float(s)
   return int(v) if v - v == 0 and v == int(v) else v
  except ValueError:
   pass
 return float('nan')`,
  },
  to_int: {
    python: `def to_int(x):
 return int(x) if x - x == 0 else 0`,
  },
  num_text: {
    python: `def num_text(x):
 if isinstance(x, float) and x - x != 0:
  return 'NaN' if x != x else 'Infinity' if x > 0 else '-Infinity'
 return str(x)`,
  },
  least: {
    python: `def least(*a):
 r = float('inf')
 for x in a:
  if x != x:
   return x
  if x < r:
   r = x
 return r`,
  },
  most: {
    python: `def most(*a):
 r = float('-inf')
 for x in a:
  if x != x:
   return x
  if x > r:
   r = x
 return r`,
  },
  is_safe: {
    needs: ['is_integer'],
    python: `def is_safe(x):
 return is_integer(x) and -9007199254740992 < x < 9007199254740992`,
  },
  is_finite: {
    python: `def is_finite(x):
 return isinstance(x, (int, float)) and x - x == 0`,
  },
  bool_text: {
    python: `def bool_text(b):
 return 'true' if b else 'false'`,
  },
} as const satisfies Record<string, Helper>;
