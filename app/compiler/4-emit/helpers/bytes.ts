import type { Helper } from './helper.ts';

/** Runtime helpers in Python: Uint8Array and DataView. */
export const BYTES = {
  set_bytes: {
    python: `def set_bytes(a, b, at=0):
 n = at + len(b)
 if at < 0 or n > len(a):
  raise ValueError('offset is out of bounds')
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
  reverse_bytes: {
    python: `def reverse_bytes(a):
 a[:] = bytes([x for x in reversed(a)])
 return a`,
  },
  sort_bytes: {
    python: `def sort_bytes(a):
 a[:] = bytes(sorted(a))
 return a`,
  },
  give_bytes: {
    python: `def give_bytes(a, b):
 a[:] = bytes(b)
 return a`,
  },
  unpack_from: { python: 'from struct import unpack_from' },
  pack_into: { python: 'from struct import pack_into' },
} as const satisfies Record<string, Helper>;
