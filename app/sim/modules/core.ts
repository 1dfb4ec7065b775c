/** Python text of the shims for time, sys, gc, micropython and errno. See shims.ts for how they are installed. */

/** time: the board's own clock. A sleep moves that clock and postpones the board's next turn; nothing waits. */
export const TIME = `
import _board as _b
import time as _t
ticks_ms = _b.ticks_ms
ticks_us = _b.ticks_us
ticks_cpu = _b.ticks_us
ticks_diff = _t.ticks_diff
ticks_add = _t.ticks_add
_sleep = _b.sleep
_seconds = _b.seconds
_EPOCH = 946684800
def _whole(n):
    if not isinstance(n, int):
        raise TypeError("can't convert " + type(n).__name__ + " to int")
    return n
def sleep_ms(ms):
    if _whole(ms) > 0:
        _sleep(ms, 0)
def sleep_us(us):
    if _whole(us) > 0:
        _sleep(us // 1000, us % 1000)
def sleep(s):
    us = int(s * 1000000)
    if us < 0:
        raise ValueError("sleep length must be non-negative")
    _sleep(us // 1000, us % 1000)
def time():
    return _seconds()
def time_ns():
    return _seconds() * 1000000000
def gmtime(secs=None):
    return _t.gmtime((time() if secs is None else secs) + _EPOCH)
localtime = gmtime
def mktime(parts):
    return _t.mktime(parts) - _EPOCH
`;

/** sys: an object in the place of the module, so that stdin and stdout are the board's console. */
export const SYS = `
import _board as _b
import sys as _s
_mb = _b_mailbox
_write = _b.console_write
_read = _b.console_read
def _put(data, cooked):
    if isinstance(data, str):
        data = data.encode()
    n = len(data)
    at = 0
    while at < n:
        part = data[at:at + 4096]
        m = len(part)
        _mb[0:m] = part
        _write(m, cooked)
        at += m
    return n
def _get(n):
    out = bytearray()
    while len(out) < n:
        c = _read()
        if c < 0:
            if _b.halted():
                raise KeyboardInterrupt
            raise RuntimeError("sys.stdin: this read would block for ever here; poll first")
        out.append(c)
    return bytes(out)
class _BinaryIn:
    def read(self, n=1):
        return _get(n)
    def readinto(self, buf, n=-1):
        n = len(buf) if n < 0 else n
        buf[0:n] = _get(n)
        return n
class _TextIn:
    _is_stdin = True
    def __init__(self):
        self.buffer = _BinaryIn()
    def read(self, n=1):
        return _get(n).replace(b"\\r", b"\\n").decode()
    def readline(self):
        out = b""
        while not out.endswith(b"\\n"):
            out += _get(1).replace(b"\\r", b"\\n")
        return out.decode()
    def readinto(self, buf, n=-1):
        return self.buffer.readinto(buf, n)
class _BinaryOut:
    def write(self, data):
        return _put(data, 0)
    def flush(self):
        pass
class _TextOut:
    def __init__(self):
        self.buffer = _BinaryOut()
    def write(self, data):
        return _put(data, 1)
    def flush(self):
        pass
def _implementation():
    raw = bytes(_mb[0:_b.runtime_version()]).decode().split("|")
    numbers = tuple(int(x) for x in raw[0].split("."))
    from collections import namedtuple
    kind = namedtuple("implementation", ("name", "version", "_machine", "_mpy", "_build"))
    return kind("micropython", numbers + ("",), raw[1], int(raw[2]), raw[3]), raw[4]
def _print_exception(error, file=None):
    # Frames of the shims are C code on a board and do not show there.
    import io
    text = io.StringIO()
    _s.print_exception(error, text)
    rows = [r for r in text.getvalue().split("\\n") if "_shim_" not in r]
    text = "\\n".join(rows)
    if file is None:
        _put(text, 1)
    else:
        file.write(text)
class _Sys:
    def __setattr__(self, name, value):
        if name == "path":
            _s.path[:] = value
        else:
            object.__setattr__(self, name, value) if hasattr(object, "__setattr__") else self.__dict__.update({name: value})
    def __repr__(self):
        return "<module 'sys'>"
    __name__ = "sys"
    path = _s.path
    modules = _s.modules
    argv = []
    byteorder = "little"
    maxsize = 0x7fffffff
    platform = "esp32"
    print_exception = staticmethod(_print_exception)
    @staticmethod
    def exit(code=0):
        raise SystemExit(code)
    stdin = _TextIn()
    stdout = _TextOut()
    stderr = stdout
    version_info = (3, 4, 0)
_Sys.implementation, _Sys.version = _implementation()
REPLACE = _Sys()
`;

/**
 * gc: free memory is what a stock board reports (platform facts, section 14), less what the firmware holds.
 * The instance collects only between turns. Until then mem_alloc() after collect() tells what was left after the last
 * collection, plus what has been allocated since: on a board it would already be the new figure.
 * Where the world wants the same trace of both engines, mem_alloc() tells a model of the heap instead (session.ts). Then nobody
 * sees what a collection frees, and only every fourth is one: the instance has more room than a board, and they are a sixth of the time.
 * Counting walks the whole heap, and firmware may ask in every turn: the first answer in a turn may be up to eight turns old.
 *
 * The instance itself could grow to 128 MB. So every 32nd turn the heap is counted; when it is above the board's, it is collected, and
 * when the rest is too much still, the next turn raises MemoryError before the firmware gets it. A board would have raised it earlier,
 * inside the allocation, and where no free piece is large enough.
 */
export const GC = `
import _board as _b
_heap_model = _b.heap_model
_heap_collected = _b.heap_collected
import gc as _g
enable = _g.enable
disable = _g.disable
isenabled = _g.isenabled
_base = 0
_budget = _b.heap_budget()
_live = -1
_at = -1
_known = -1
_age = 0
_asked = True
_every = 4
_left = 1
def collect():
    global _at, _left
    _heap_collected()
    if _heap_model() >= 0:
        _left -= 1
        if _left == 0:
            _left = _every
            _g.collect()
        return
    _g.collect()
    _at = _g.mem_alloc()
def mem_alloc():
    n = _heap_model()
    return n if n >= 0 else _measured()
def _measured():
    global _asked, _known, _age
    if not _asked and _known >= 0 and _age < 8 and _at < 0:
        _asked = True
        return _known
    _asked = True
    _age = 0
    n = _g.mem_alloc()
    if _at >= 0 and _live >= 0:
        n = _live + n - _at
    _known = max(0, n - _base)
    return _known
def mem_free():
    return max(0, _budget - mem_alloc())
def threshold(*a):
    return -1 if not a else None
_limit = _b.heap_limit()
_turns = 0
_full = False
def _check():
    global _turns, _full
    _turns += 1
    if _full:
        _full = False
        n = _g.mem_alloc() - _base - _limit
        if n > 0:
            raise MemoryError("memory allocation failed, allocating %d bytes" % n)
    elif _turns & 31 == 0 and _g.mem_alloc() - _base > _limit:
        _full = True
        _g.collect()
def _between():
    global _at, _live, _asked, _age, _known
    _asked = False
    _age += 1
    if _at >= 0:
        _live = _g.mem_alloc()
        _known = max(0, _live - _base)
        _age = 0
        _at = -1
`;

export const MICROPYTHON = `
import _board as _b
import micropython as _m
const = _m.const
schedule = _m.schedule
opt_level = _m.opt_level
mem_info = _m.mem_info
stack_use = _m.stack_use
heap_lock = _m.heap_lock
heap_unlock = _m.heap_unlock
qstr_info = _m.qstr_info
RingIO = _m.RingIO
def kbd_intr(c):
    _b.kbd_intr(c)
def alloc_emergency_exception_buf(n):
    pass
`;

/**
 * errno: the numbers of the ESP32 (platform facts, section 3), which differ from those of the WebAssembly build.
 * The instance's own compiler folds `errno.NAME` into its own number when it compiles text; compiled modules (.mpy) look here.
 */
const ERRNO_NUMBERS: Readonly<Record<string, number>> = {
  EPERM: 1,
  ENOENT: 2,
  EIO: 5,
  EBADF: 9,
  EAGAIN: 11,
  ENOMEM: 12,
  EACCES: 13,
  EEXIST: 17,
  ENODEV: 19,
  EISDIR: 21,
  EINVAL: 22,
  EOPNOTSUPP: 95,
  ECONNRESET: 104,
  ENOBUFS: 105,
  ECONNREFUSED: 111,
  EADDRINUSE: 112,
  ECONNABORTED: 113,
  ETIMEDOUT: 116,
  EHOSTUNREACH: 118,
  EINPROGRESS: 119,
  EALREADY: 120,
  ENOTCONN: 128,
};

export const ERRNO =
  Object.entries(ERRNO_NUMBERS)
    .map(([name, number]) => `${name} = ${number}\n`)
    .join('') +
  `errorcode = {${Object.entries(ERRNO_NUMBERS)
    .map(([name, number]) => `${number}: "${name}"`)
    .join(', ')}}\n`;
