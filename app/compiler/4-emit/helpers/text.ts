import type { Helper } from './helper.ts';

/** Runtime helpers in Python: Text and JSON. */
export const TEXT = {
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
  last_index_text: {
    python: `def last_index_text(s, x, i):
 return s.rfind(x, 0, max(0, i) + len(x))`,
  },
  replace_text: {
    // $$, $&, $\` and $' in a replacement have JavaScript's meaning.
    python: `def replace_text(s, a, b, n=1):
 r = ''
 i = 0
 while n:
  j = s.find(a, i + (not a and r != ''))
  if j < 0 or i > len(s):
   break
  if '$' in b:
   p = b.split('$$')
   p = [x.replace('$&', a).replace('$\`', s[:j]).replace("$'", s[j + len(a):]) for x in p]
   r += s[i:j] + '$'.join(p)
  else:
   r += s[i:j] + b
  i = j + len(a)
  n -= 1
 return r + s[i:]`,
  },
  dumps: { python: 'from json import dumps' },
  json_text: {
    needs: ['dumps'],
    // The runtime's own writer differs from JavaScript's for two control characters only, which it escapes by number.
    python: `def json_text(s):
 r = dumps(s)
 if '\\\\u' not in r:
  return r
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
  json_pretty: {
    needs: ['json', 'json_text', 'keys'],
    python: `def json_pretty(x, d, p='\\n'):
 q = p + d
 if isinstance(x, (list, tuple)) and x:
  return '[' + q + (',' + q).join([json_pretty(y, d, q) for y in x]) + p + ']'
 if isinstance(x, dict) and x:
  return '{' + q + (',' + q).join([json_text(k) + ': ' + json_pretty(x[k], d, q) for k in keys(x)]) + p + '}'
 return json(x)`,
  },
  json_parse: {
    // RFC 8259 to the letter, keys in order: the runtime's own loads forgives, and forgets the order.
    needs: ['json_value', 'json_space'],
    python: `def json_parse(s):
 v, i = json_value(s, 0)
 if json_space(s, i) < len(s):
  raise SyntaxError('JSON')
 return v`,
  },
  json_space: {
    python: `def json_space(s, i):
 while i < len(s) and s[i] in ' \\n\\r\\t':
  i += 1
 return i`,
  },
  json_take: {
    needs: ['json_space'],
    python: `def json_take(s, i, t):
 i = json_space(s, i)
 c = s[i:i + 1]
 if not c or c not in t:
  raise SyntaxError('JSON')
 return c, i + 1`,
  },
  json_value: {
    needs: ['json_take', 'json_string', 'json_number', 'OrderedDict'],
    python: `def json_value(s, i):
 c, i = json_take(s, i, '"[{-0123456789tfn')
 if c == '"':
  return json_string(s, i)
 if c in '[{':
  r = [] if c == '[' else OrderedDict()
  e = chr(ord(c) + 2)
  i = json_space(s, i)
  if s[i:i + 1] == e:
   return r, i + 1
  while True:
   if e == '}':
    k, i = json_string(s, json_take(s, i, '"')[1])
    r[k], i = json_value(s, json_take(s, i, ':')[1])
   else:
    v, i = json_value(s, i)
    r.append(v)
   c, i = json_take(s, i, ',' + e)
   if c == e:
    return r, i
 i -= 1
 for t, v in (('null', None), ('true', True), ('false', False)):
  if s.startswith(t, i):
   return v, i + len(t)
 return json_number(s, i)`,
  },
  json_string: {
    python: `def json_string(s, i):
 r = ''
 while True:
  c = s[i:i + 1]
  i += 1
  if c == '"':
   return r, i
  if c < ' ':
   raise SyntaxError('JSON')
  if c == '\\\\':
   c = s[i:i + 1]
   i += 1
   k = 'btnfr"/\\\\'.find(c) if c else -1
   if c == 'u' and len(s) > i + 3 and all(x in '0123456789abcdefABCDEF' for x in s[i:i + 4]):
    c = chr(int(s[i:i + 4], 16))
    i += 4
   elif k < 0:
    raise SyntaxError('JSON')
   elif k < 5:
    c = '\\b\\t\\n\\f\\r'[k]
  r += c`,
  },
  json_number: {
    python: `def json_number(s, i):
 j = i
 while s[j:j + 1] and s[j] in '0123456789+-.eE':
  j += 1
 t = s[i:j]
 d = t[1:] if t[:1] == '-' else t
 z = d[:1]
 if not z or not '0' <= z <= '9' or not '0' <= d[-1] <= '9' or z == '0' and '0' <= d[1:2] <= '9' or '.e' in d or '.E' in d:
  raise SyntaxError('JSON')
 try:
  return int(t), j
 except ValueError:
  v = float(t)
  return int(v) if v - v == 0 and v == int(v) else v, j`,
  },
} as const satisfies Record<string, Helper>;
