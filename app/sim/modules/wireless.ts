/** Python text of the shim for espnow. See shims.ts for how it is installed; network.ts and socket.ts for the rest of the radio. */

/** espnow: platform facts, sections 1 and 14, for a runtime of the 1.25 to 1.28 family (250 bytes, one-byte lengths in the ring). */
export const ESPNOW = `
import _board as _b
from struct import unpack_from as _unpack
_espnow_any = _b.espnow_any
_espnow_idle = _b.espnow_idle
_espnow_stats = _b.espnow_stats
_mb = _b_mailbox
MAX_DATA_LEN = 250
ADDR_LEN = 6
KEY_LEN = 16
MAX_TOTAL_PEER_NUM = 20
MAX_ENCRYPT_PEER_NUM = 6
_NAMES = {-12389: "ESP_ERR_ESPNOW_NOT_INIT", -12390: "ESP_ERR_ESPNOW_ARG", -12391: "ESP_ERR_ESPNOW_NO_MEM", -12392: "ESP_ERR_ESPNOW_FULL", -12393: "ESP_ERR_ESPNOW_NOT_FOUND", -12394: "ESP_ERR_ESPNOW_INTERNAL", -12395: "ESP_ERR_ESPNOW_EXIST", -12396: "ESP_ERR_ESPNOW_IF", -12397: "ESP_ERR_ESPNOW_CHAN"}
_send = _b.espnow_send
_recv = _b.espnow_recv
def _check(code):
    if code < 0:
        if code == -116:
            raise OSError(116)
        raise OSError(code, _NAMES.get(code, "ESP_FAIL"))
    return code
def _addr(mac):
    if not mac:
        from machine import _Halt
        _b.crash()
        raise _Halt
    if len(mac) != 6:
        raise ValueError("invalid buffer length")
    return mac
class ESPNowBase:
    pass
class ESPNow(ESPNowBase):
    _made = None
    def __new__(cls):
        if cls._made is None:
            self = super().__new__(cls)
            self.peers_table = {}
            self._timeout = 300000
            self._list = [None, bytearray(250)]
            self._rx = None
            cls._made = self
        return cls._made
    def __init__(self):
        pass
    def active(self, *a):
        if a:
            _b.espnow_active(1 if a[0] else 0)
        return bool(_b.espnow_active(-1))
    def config(self, *a, **k):
        if a:
            if a[0] == "rxbuf":
                return _b.espnow_rxbuf(-1)
            if a[0] == "timeout_ms":
                return self._timeout
            raise ValueError("unknown config param")
        for name in k:
            if name == "rxbuf":
                _b.espnow_rxbuf(k[name])
            elif name == "timeout_ms":
                self._timeout = k[name]
            elif name == "rate":
                if not (_b.wlan_active(0, -1) or _b.wlan_active(1, -1)):
                    raise OSError(2)
            else:
                raise TypeError("extra keyword arguments given")
    def set_pmk(self, pmk):
        if len(pmk) != 16:
            raise ValueError("invalid buffer length")
        _mb[0:16] = bytes(pmk)
        _check(_b.espnow_pmk())
    def _peer(self, call, mac, lmk, channel, ifidx, encrypt):
        mac = _addr(mac)
        if lmk is not None and lmk is not False and len(lmk) not in (0, 16):
            raise ValueError("invalid buffer length")
        _mb[0:6] = bytes(mac)
        has = 1 if lmk else 0
        if has:
            _mb[16:32] = bytes(lmk)
        if encrypt is None:
            encrypt = -1
        _check(call(has, -1 if channel is None else channel, -1 if ifidx is None else ifidx, -1 if encrypt == -1 else (1 if encrypt else 0)))
    def add_peer(self, mac, lmk=None, channel=None, ifidx=None, encrypt=None):
        self._peer(_b.espnow_add, mac, lmk, channel, ifidx, encrypt)
    def mod_peer(self, mac, lmk=None, channel=None, ifidx=None, encrypt=None):
        self._peer(_b.espnow_mod, mac, lmk, channel, ifidx, encrypt)
    def del_peer(self, mac):
        _mb[0:6] = bytes(_addr(mac))
        _check(_b.espnow_del())
    def get_peer(self, mac):
        _mb[0:6] = bytes(_addr(mac))
        _check(_b.espnow_get())
        return (bytes(_mb[0:6]), bytes(_mb[16:32]), _mb[6], _mb[7], bool(_mb[8]))
    def get_peers(self):
        n = _check(_b.espnow_list())
        macs = [bytes(_mb[6 * i:6 * i + 6]) for i in range(n)]
        return tuple(self.get_peer(m) for m in macs)
    def peer_count(self):
        n = _check(_b.espnow_count())
        return (n >> 8, n & 255)
    def send(self, a, msg=None, sync=True):
        if msg is None:
            mac = None
            msg = a
        elif isinstance(msg, bool) and not isinstance(a, bool):
            mac = None
            sync = msg
            msg = a
        else:
            mac = a
        if isinstance(msg, str):
            msg = msg.encode()
        if mac is not None:
            if len(mac) != 6:
                raise ValueError("invalid buffer length")
            _mb[0:6] = mac
        n = len(msg)
        if n > 1470:
            _check(-12390)
        _mb[16:16 + n] = msg
        return bool(_check(_send(0 if mac is None else 1, n, 1 if sync else 0)))
    def _take(self, timeout):
        n = _recv()
        if n == -1:
            if timeout is None:
                timeout = self._timeout
            if timeout != 0:
                _b.sleep(timeout if timeout > 0 else 300000, 0)
                n = _recv()
        if n == -2:
            raise ValueError("ESPNow.recv(): buffer error")
        if n < -2:
            _check(n)
        if n >= 0:
            self._rx = (_mb[6] - 256, _mb[8] | _mb[9] << 8 | _mb[10] << 16 | _mb[11] << 24)
            mac = bytes(_mb[0:6])
            row = self.peers_table.get(mac)
            if row is None:
                self.peers_table[mac] = list(self._rx)
            else:
                row[0] = self._rx[0]
                row[1] = self._rx[1]
            return n, mac
        return -1, None
    def recv(self, timeout_ms=None):
        n, mac = self._take(timeout_ms)
        if n < 0:
            return (None, None)
        return [mac, bytes(_mb[16:16 + n])]
    def irecv(self, timeout_ms=None):
        n, mac = self._take(timeout_ms)
        if n < 0:
            return (None, None)
        self._list[0] = mac
        self._list[1][:] = _mb[16:16 + n]
        return self._list
    def recvinto(self, data, timeout_ms=None):
        buf = data[1]
        if isinstance(buf, bytearray):
            if len(buf) != 250:
                if len(buf) > 250:
                    raise ValueError("invalid buffer length")
                buf[:] = bytes(250)
        elif len(buf) != 250:
            raise ValueError("invalid buffer length")
        n, mac = self._take(timeout_ms)
        if n < 0:
            return 0
        data[0] = mac
        if isinstance(buf, bytearray):
            buf[:] = _mb[16:16 + n]
        else:
            buf[0:n] = _mb[16:16 + n]
        if len(data) >= 4:
            data[2] = self._rx[0]
            data[3] = self._rx[1]
        return n
    def any(self):
        return bool(_espnow_any())
    def _poll_state(self):
        return (1 if _espnow_any() else 0) | (4 if _espnow_idle() else 0)
    def stats(self):
        _espnow_stats()
        return _unpack("<5I", _mb)
    def irq(self, callback=None):
        if callback is not None:
            raise NotImplementedError("irq: poll on virtual boards")
    def __iter__(self):
        return self
    def __next__(self):
        return self.irecv()
`;
