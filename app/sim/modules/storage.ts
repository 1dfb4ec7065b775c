/** Python text of the shims for os (with open), esp32, binascii and cryptolib. See shims.ts for how they are installed. */

/**
 * os: the instance's own file system without the folders that no board has. Errors carry the numbers of the ESP32.
 * REMAP: number in the WebAssembly build -> number on the board (EEXIST, EISDIR, ENOENT, ENOTDIR, ENOTEMPTY, EBADF, EINVAL, EPERM).
 */
export const OS = `
import _board as _b
import os as _o
import builtins as _builtins
_mb = _b_mailbox
_REMAP = {20: 17, 31: 21, 44: 2, 54: 20, 55: 39, 8: 9, 28: 22, 63: 1, 2: 13}
_HIDDEN = ("dev", "tmp", "home", "proc", ".shims")
def _board(call, *a, **k):
    try:
        return call(*a, **k)
    except OSError as e:
        n = e.args[0] if e.args else 5
    raise OSError(_REMAP.get(n, n))
def ilistdir(path=""):
    rows = _board(lambda: list(_o.ilistdir(path if path else _o.getcwd())))
    root = path == "/" or (path in ("", ".") and _o.getcwd() == "/")
    return iter([r for r in rows if not (root and r[0] in _HIDDEN) and r[0] not in (".", "..")])
def listdir(path=""):
    return [r[0] for r in ilistdir(path)]
def mkdir(path):
    return _board(_o.mkdir, path)
def remove(path):
    return _board(_o.remove, path)
unlink = remove
def rmdir(path):
    return _board(_o.rmdir, path)
def rename(a, b):
    return _board(_o.rename, a, b)
def stat(path):
    return _board(_o.stat, path)
def chdir(path):
    return _board(_o.chdir, path)
getcwd = _o.getcwd
sep = "/"
def statvfs(path):
    n = _b.vfs_blocks()
    used = _b.vfs_used()
    return (4096, 4096, n, n - used, n - used, 0, 0, 0, 0, 255)
def sync():
    pass
def dupterm(stream, index=0):
    if stream is not None:
        raise OSError(19)
    return None
def urandom(n):
    out = bytearray(n)
    at = 0
    while at < n:
        m = min(4096, n - at)
        _b.random(m)
        out[at:at + m] = _mb[0:m]
        at += m
    return bytes(out)
def uname():
    from collections import namedtuple
    import sys
    kind = namedtuple("uname", ("sysname", "nodename", "release", "version", "machine"))
    release = ".".join(str(x) for x in sys.implementation.version[0:3])
    return kind("esp32", "esp32", release, sys.version.split("; ")[1][12:], sys.implementation._machine)
_open = _builtins.open
def _board_open(path, *a, **k):
    return _board(_open, path, *a, **k)
_builtins.open = _board_open
`;

/** esp32.NVS with the errors of platform facts, sections 4 and 14: i32 and blobs only, keys over 15 characters refused on writing. */
export const ESP32 = `
import _board as _b
_mb = _b_mailbox
HEAP_DATA = 4
HEAP_EXEC = 1
_NAMES = {-4354: "ESP_ERR_NVS_NOT_FOUND", -4357: "ESP_ERR_NVS_NOT_ENOUGH_SPACE", -4361: "ESP_ERR_NVS_KEY_TOO_LONG", -4364: "ESP_ERR_NVS_INVALID_LENGTH"}
def _check(code):
    if code < 0:
        raise OSError(code, _NAMES.get(code, "ESP_FAIL"))
    return code
def _text(s):
    if not isinstance(s, str):
        raise TypeError("can't convert '" + type(s).__name__ + "' object to str implicitly")
    return s.encode()
class NVS:
    def __init__(self, namespace):
        self._ns = _text(namespace)[:15]
    def _key(self, key):
        k = _text(key)
        n = len(self._ns)
        _mb[0:n] = self._ns
        m = min(len(k), 40)
        _mb[16:16 + m] = k[:m]
        return n, m
    def get_i32(self, key):
        n, m = self._key(key)
        _check(_b.nvs_get_i32(n, m))
        v = _mb[64] | _mb[65] << 8 | _mb[66] << 16 | _mb[67] << 24
        return v - 0x100000000 if v & 0x80000000 else v
    def set_i32(self, key, value):
        if not isinstance(value, int):
            raise TypeError("can't convert " + type(value).__name__ + " to int")
        if value < -0x80000000 or value > 0x7fffffff:
            raise OverflowError("overflow converting long int to machine word")
        n, m = self._key(key)
        value &= 0xffffffff
        _check(_b.nvs_set_i32(n, m, value >> 16, value & 0xffff))
    def get_blob(self, key, buf):
        n, m = self._key(key)
        size = _check(_b.nvs_get_blob(n, m, len(buf)))
        buf[0:size] = _mb[64:64 + size]
        return size
    def set_blob(self, key, value):
        n, m = self._key(key)
        v = bytes(value)
        if len(v) > 20480:
            raise OSError(-4357, _NAMES[-4357])
        _mb[64:64 + len(v)] = v
        _check(_b.nvs_set_blob(n, m, len(v)))
    def erase_key(self, key):
        n, m = self._key(key)
        _check(_b.nvs_erase(n, m))
    def commit(self):
        pass
def idf_heap_info(kind):
    return [(101260, 98304, 94208, 90112)]
def mcu_temperature():
    return 42
def raw_temperature():
    return 107
`;

/** binascii: native on boards, a frozen Python module in the WebAssembly build. */
export const BINASCII = `
import _board as _b
import binascii as _n
_mb = _b_mailbox
hexlify = _n.hexlify
unhexlify = _n.unhexlify
def _bytes(data):
    return data.encode() if isinstance(data, str) else bytes(data)
def _through(call, data, *a):
    data = _bytes(data)
    _mb[0:len(data)] = data
    return call(len(data), *a)
def crc32(data, value=0):
    data = _bytes(data)
    at = 0
    while True:
        part = data[at:at + 16384]
        _mb[0:len(part)] = part
        _b.crc32(len(part), (value >> 16) & 0xffff, value & 0xffff)
        value = _mb[0] | _mb[1] << 8 | _mb[2] << 16 | _mb[3] << 24
        at += 16384
        if at >= len(data):
            return value
def b2a_base64(data, *, newline=True):
    n = _through(_b.base64, data)
    out = bytes(_mb[0:n])
    return out + b"\\n" if newline else out
def a2b_base64(data):
    n = _through(_b.unbase64, data)
    if n < 0:
        raise ValueError("incorrect padding")
    return bytes(_mb[0:n])
`;

/** cryptolib.aes: ECB and CBC, as in platform facts, section 8; the host computes the blocks. */
export const CRYPTOLIB = `
import _board as _b
_mb = _b_mailbox
class aes:
    def __init__(self, key, mode, iv=None):
        if mode not in (1, 2):
            raise ValueError("mode")
        key = key.encode() if isinstance(key, str) else bytes(key)
        if len(key) not in (16, 32):
            raise ValueError("key")
        if mode == 2 and (iv is None or len(iv) != 16):
            raise ValueError("IV")
        self._key = key
        self._mode = mode
        self._iv = bytes(iv) if mode == 2 else bytes(16)
        self._way = 0
    def _run(self, data, out, way):
        data = data.encode() if isinstance(data, str) else data
        n = len(data)
        if n % 16:
            raise ValueError("blksize % 16")
        if self._way and self._way != way:
            raise ValueError("can't encrypt & decrypt")
        self._way = way
        if out is None:
            result = bytearray(n)
        else:
            result = out
            if len(out) < n:
                raise ValueError("output too small")
        k = len(self._key)
        _mb[0:k] = self._key
        _mb[32:48] = self._iv
        at = 0
        while at < n:
            m = min(8192, n - at)
            _mb[64:64 + m] = bytes(data[at:at + m])
            _b.aes(self._mode, way, k, m)
            result[at:at + m] = _mb[64:64 + m]
            at += m
        self._iv = bytes(_mb[32:48])
        return bytes(result) if out is None else None
    def encrypt(self, data, out=None):
        return self._run(data, out, 1)
    def decrypt(self, data, out=None):
        return self._run(data, out, 2)
`;
