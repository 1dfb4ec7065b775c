/** Python text of the shims for machine and select. See shims.ts for how they are installed. */

/** machine: resets, watchdog and pins. A reset ends the current turn by an exception that no \`except Exception\` catches. */
export const MACHINE = `
import _board as _b
_mb = _b_mailbox
_wdt_feed = _b.wdt_feed
_pin_set = _b.pin_set
_pin_get = _b.pin_get
PWRON_RESET = 1
HARD_RESET = 2
WDT_RESET = 3
DEEPSLEEP_RESET = 4
SOFT_RESET = 5
class _Halt(BaseException):
    pass
def reset():
    _b.reset(0)
    raise _Halt
def soft_reset():
    _b.reset(1)
    raise _Halt
def deepsleep(ms=0):
    _b.deep_sleep(ms)
    raise _Halt
def lightsleep(ms=0):
    _b.sleep(ms, 0)
def reset_cause():
    return _b.reset_cause()
def unique_id():
    _b.mac(0)
    return bytes(_mb[0:6])
_freq = 160000000
def freq(*a):
    global _freq
    if not a:
        return _freq
    if a[0] not in (20000000, 40000000, 80000000, 160000000, 240000000):
        raise ValueError("frequency must be 20MHz, 40MHz, 80Mhz, 160MHz or 240MHz")
    _freq = a[0]
def idle():
    _b.sleep(0, 100)
def disable_irq():
    return 0
def enable_irq(state=0):
    pass
class RTC:
    def __init__(self, id=0):
        pass
    def memory(self, *a):
        if not a:
            n = _b.rtc_read()
            return bytes(_mb[0:n])
        data = bytes(a[0])
        if len(data) > 2048:
            raise ValueError("buffer too long")
        _mb[0:len(data)] = data
        _b.rtc_write(len(data))
    def datetime(self, *a):
        import time
        t = time.gmtime()
        return (t[0], t[1], t[2], t[6], t[3], t[4], t[5], 0)
class WDT:
    def __init__(self, id=0, timeout=5000):
        if id != 0:
            raise ValueError("WDT(%d) doesn't exist" % id)
        if timeout <= 0:
            raise ValueError("WDT timeout too short")
        _b.wdt_start(timeout)
    def feed(self):
        _wdt_feed()
class Pin:
    IN = 1
    OUT = 3
    OPEN_DRAIN = 7
    PULL_UP = 2
    PULL_DOWN = 1
    IRQ_RISING = 1
    IRQ_FALLING = 2
    def __init__(self, id, mode=-1, pull=-1, *, value=None, drive=None, hold=None):
        if not isinstance(id, int) or id < 0 or id > 48:
            raise ValueError("invalid pin")
        self._id = id
        if value is not None:
            _pin_set(id, 1 if value else 0)
    def init(self, mode=-1, pull=-1, *, value=None, drive=None, hold=None):
        if value is not None:
            self.value(value)
    def value(self, *a):
        if not a:
            return _pin_get(self._id)
        _pin_set(self._id, 1 if a[0] else 0)
    __call__ = value
    def on(self):
        _pin_set(self._id, 1)
    def off(self):
        _pin_set(self._id, 0)
    def toggle(self):
        _pin_set(self._id, 1 - _pin_get(self._id))
    def irq(self, *a, **k):
        return None
`;

/** select.poll over the console, ESP-NOW and sockets. A poll that finds nothing rests (see session.ts). */
export const SELECT = `
import _board as _b
POLLIN = 1
POLLOUT = 4
POLLERR = 8
POLLHUP = 16
_console_any = _b.console_any
_rest = _b.rest
def _stdin_state():
    return 1 if _console_any() else 0
def _state_of(obj):
    if getattr(obj, "_is_stdin", False):
        return _stdin_state
    if hasattr(obj, "_poll_state"):
        return obj._poll_state
    raise OSError(22)
class poll_object:
    def __init__(self):
        self._rows = []
    def register(self, obj, mask=5):
        state = _state_of(obj)
        for row in self._rows:
            if row[0] is obj:
                row[1] = mask
                return
        self._rows.append([obj, mask, state])
    def unregister(self, obj):
        self._rows = [row for row in self._rows if row[0] is not obj]
    def modify(self, obj, mask):
        for row in self._rows:
            if row[0] is obj:
                row[1] = mask
                return
        raise OSError(2)
    def _ready(self):
        out = []
        for obj, mask, state in self._rows:
            flags = state() & (mask | 56)
            if flags:
                out.append((obj, flags))
        return out
    def poll(self, timeout=-1):
        # Most polls: one stream, nothing there. A rest brings nothing, for the world stands still in a turn.
        rows = self._rows
        if len(rows) == 1 and rows[0][2] is _stdin_state and not _console_any():
            if timeout != 0:
                _rest(timeout if timeout > 0 else 1000, 1)
            return []
        out = self._ready()
        if not out and timeout != 0:
            if timeout < 0:
                timeout = 1000
            _rest(timeout, len(rows))
        return out
    def ipoll(self, timeout=-1, flags=0):
        return iter(self.poll(timeout))
def poll():
    return poll_object()
def select(r, w, x, timeout=None):
    p = poll_object()
    for obj in r:
        p.register(obj, POLLIN)
    for obj in w:
        p.register(obj, POLLOUT)
    found = p.poll(-1 if timeout is None else int(timeout * 1000))
    return ([o for o, f in found if f & POLLIN], [o for o, f in found if f & POLLOUT], [])
`;
