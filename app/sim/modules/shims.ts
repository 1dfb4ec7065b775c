/**
 * The modules that a stock ESP32 build has and the WebAssembly port lacks, or has in another shape; and the hiding of those
 * that only the port has. Source: platform facts, sections 7, 8 and 10.
 *
 * Each shim is a Python file imported once as \`_shim_<name>\` and then put under its own name. A shim that sets REPLACE
 * is that object instead. \`_b_mailbox\` is a memory view of the mailbox, put into builtins while the shims load.
 * Not supplied (import fails as for any unknown name): ssl, asyncio, _thread, vfs, neopixel, bluetooth.
 */
import { ERRNO, GC, MICROPYTHON, SYS, TIME } from './core.ts';
import { BINASCII, CRYPTOLIB, ESP32, OS } from './storage.ts';
import { MACHINE, SELECT } from './hardware.ts';
import { NETWORK } from './network.ts';
import { SOCKET } from './socket.ts';
import { ESPNOW } from './wireless.ts';

/** In the order of loading. */
export const SHIMS: Readonly<Record<string, string>> = {
  errno: ERRNO,
  time: TIME,
  micropython: MICROPYTHON,
  sys: SYS,
  os: OS,
  binascii: BINASCII,
  cryptolib: CRYPTOLIB,
  machine: MACHINE,
  esp32: ESP32,
  select: SELECT,
  network: NETWORK,
  socket: SOCKET,
  espnow: ESPNOW,
  gc: GC,
};

/** Built into the port, not into a board. Frozen extras (hmac, functools, logging ...) go with '.frozen' off the path. */
const HIDDEN = [
  'js',
  'jsffi',
  '_board',
  '_asyncio',
  'weakref',
  'vfs',
  'templatelib',
  'zlib',
  'string',
];

/** Runs in __main__, which it leaves clean but for the entries. */
export const START_BOOTSTRAP = `
import sys as _start
_start.path.insert(0, "/.shims")
from _shim_bootstrap import _start, _step, _line, _used, _settle
`;

const NAMES = JSON.stringify(Object.keys(SHIMS));

/** Imported once, as _shim_bootstrap: tracebacks leave out frames of files of that kind. */
export const BOOTSTRAP = `
import sys, gc, uctypes, builtins, random
import _board as _bd
builtins._b_mailbox = memoryview(uctypes.bytearray_at(_bd.mailbox_at(), _bd.mailbox_size()))
_names = ${NAMES}
_made = {}
for _n in _names:
    _m = __import__("_shim_" + _n)
    _made[_n] = getattr(_m, "REPLACE", _m)
for _n in list(sys.modules):
    if _n != "__main__":
        del sys.modules[_n]
for _n in _names:
    sys.modules[_n] = _made[_n]
    if _n != "sys":
        _made[_n].__name__ = _n
del builtins._b_mailbox
random.seed(_bd.seed())
sys.path[:] = ["", "/lib"]
def _install():
    load = builtins.__import__
    hidden = ${JSON.stringify(HIDDEN)}
    def __import__(name, *rest):
        if name in hidden:
            raise ImportError("no module named '" + name + "'")
        return load(name, *rest)
    builtins.__import__ = __import__
import __main__
_scope = __main__.__dict__
_halt = _made["machine"]._Halt
_show = _made["sys"].print_exception
_halted = _bd.halted
_reset = _bd.reset
_cond = None
_handler = None
def _failed(error):
    global _handler
    if isinstance(error, _halt) or _halted():
        return 3
    if _handler is not None and isinstance(error, (Exception, SystemExit)):
        handler = _handler
        _handler = None
        try:
            handler(error)
        except BaseException as second:
            return _failed(second)
        return 3 if _halted() else 0
    if isinstance(error, SystemExit):
        _reset(1)
        return 3
    _show(error)
    return 2
def _start(name, setup, step, on_error):
    global _cond, _handler
    try:
        if on_error:
            body = "\\n".join(["    " + row for row in on_error.split("\\n")])
            made = {}
            exec(compile("def handler(error):\\n" + body + "\\n    pass\\n", name, "exec"), _scope, made)
            _handler = made["handler"]
        exec(compile(setup, name, "exec"), _scope)
        if not step:
            return 0
        made = {}
        exec(compile("def condition():\\n    return " + step + "\\n", "_shim_loop.py", "exec"), _scope, made)
        _cond = made["condition"]
        return 1
    except BaseException as error:
        return _failed(error)
_between = _made["gc"]._between
_check = _made["gc"]._check if _made["gc"]._limit else None
def _step():
    _between()
    try:
        if _check:
            _check()
        return 1 if _cond() else 0
    except BaseException as error:
        return _failed(error)
def _line(text):
    try:
        exec(compile(text, "<stdin>", "single"), _scope)
        return 1
    except BaseException as error:
        if isinstance(error, _halt) or _halted():
            return 3
        if isinstance(error, SystemExit):
            _reset(1)
            return 3
        _show(error)
        return 2
def _used():
    return _made["gc"]._measured()
def _settle():
    _made["gc"]._base = gc.mem_alloc()
    return 0
_install()
gc.collect()
`;
