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
} as const satisfies Record<string, Helper>;
