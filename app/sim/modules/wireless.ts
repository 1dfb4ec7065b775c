/** Python text of the shims for network and espnow. See shims.ts for how they are installed. */

/** network.WLAN: platform facts, sections 2 and 14. No access point is ever joined: connect() ends in status 201. */
export const NETWORK = `
import _board as _b
_mb = _b_mailbox
STA_IF = 0
AP_IF = 1
MODE_11B = 1
MODE_11G = 2
MODE_11N = 4
AUTH_OPEN = 0
AUTH_WEP = 1
AUTH_WPA_PSK = 2
AUTH_WPA2_PSK = 3
AUTH_WPA_WPA2_PSK = 4
AUTH_WPA3_PSK = 6
STAT_IDLE = 1000
STAT_CONNECTING = 1001
STAT_GOT_IP = 1010
STAT_NO_AP_FOUND = 201
STAT_WRONG_PASSWORD = 202
STAT_BEACON_TIMEOUT = 200
STAT_ASSOC_FAIL = 203
STAT_HANDSHAKE_TIMEOUT = 204
_hostname = "mpy-esp32"
_country = "XX"
def hostname(*a):
    global _hostname
    if not a:
        return _hostname
    if len(a[0]) > 32:
        raise ValueError
    _hostname = a[0]
def country(*a):
    global _country
    if not a:
        return _country
    if len(a[0]) != 2:
        raise ValueError
    _country = a[0]
def phy_mode(*a):
    return 7
def _range_error():
    raise RuntimeError("Wifi Unknown Error 0x0102")
class WLAN:
    IF_STA = 0
    IF_AP = 1
    PM_NONE = 0
    PM_PERFORMANCE = 1
    PM_POWERSAVE = 2
    SEC_OPEN = 0
    SEC_WPA2 = 3
    _made = {}
    def __new__(cls, interface=0):
        if interface not in (0, 1):
            raise ValueError("invalid WLAN interface identifier")
        if interface not in cls._made:
            self = super().__new__(cls)
            self._if = interface
            self._ap = {"security": 0, "hidden": False, "max_clients": 10, "key": None, "ssid": None}
            self._txpower = 19.5
            self._protocol = 7
            self._reconnects = -1
            self._ifconfig = ("192.168.4.1", "255.255.255.0", "192.168.4.1", "0.0.0.0") if interface else ("0.0.0.0", "0.0.0.0", "0.0.0.0", "0.0.0.0")
            cls._made[interface] = self
        return cls._made[interface]
    def __init__(self, interface=0):
        pass
    def active(self, *a):
        if a:
            _b.wlan_active(self._if, 1 if a[0] else 0)
        return bool(_b.wlan_active(self._if, -1))
    def isconnected(self):
        return False
    def status(self, *a):
        if not a:
            return None if self._if else _b.wlan_status()
        if a[0] == "rssi":
            if self._if:
                raise OSError("STA required")
            raise OSError("Wifi Not Connected")
        if a[0] == "stations":
            if not self._if:
                raise OSError("AP required")
            return []
        raise ValueError("unknown status param")
    def connect(self, ssid=None, key=None, *, bssid=None):
        if self._if:
            raise OSError("STA required")
        if not self.active():
            raise OSError("Wifi Not Started")
        if _b.wlan_connect(self._reconnects) < 0:
            raise OSError("Wifi Internal Error")
    def disconnect(self):
        _b.wlan_disconnect()
    def scan(self):
        if not _b.wlan_active(0, -1):
            raise OSError("STA must be active")
        n = _b.wlan_scan()
        if n < 0:
            return []
        rows = []
        at = 0
        for _ in range(n):
            size = _mb[at]
            rows.append((bytes(_mb[at + 9:at + 9 + size]), bytes(_mb[at + 1:at + 7]), _mb[at + 7], _mb[at + 8] - 256, 0, False))
            at += 9 + size
        return rows
    def ifconfig(self, *a):
        if a:
            self._ifconfig = tuple(a[0])
        return self._ifconfig
    def config(self, *a, **k):
        if a and k:
            raise TypeError("either pos or kw args are allowed")
        if a:
            if len(a) != 1:
                raise TypeError("can query only one param")
            return self._query(a[0])
        if k and self._if and not self.active():
            raise OSError("Wifi Invalid Mode")
        for name in k:
            self._set(name, k[name])
    def _query(self, name):
        ap = self._if == 1
        if name == "mac":
            _b.mac(1 + self._if)
            return bytes(_mb[0:6])
        if name == "channel":
            return _b.wlan_channel(-1)
        if name == "pm":
            return _b.wlan_pm(-1)
        if name == "txpower":
            return self._txpower
        if name == "protocol":
            return self._protocol
        if name == "ifname":
            return "ap1" if ap else "st1"
        if name in ("ssid", "essid"):
            if not ap:
                return ""
            if self._ap["ssid"] is None:
                _b.mac(2)
                return "ESP_" + "".join("%02X" % x for x in _mb[3:6])
            return self._ap["ssid"]
        if name in ("security", "authmode", "hidden"):
            if not ap:
                raise OSError("AP required")
            return self._ap["security" if name == "authmode" else name]
        if name == "max_clients":
            return self._ap["max_clients"] if ap else 255
        if name in ("hostname", "dhcp_hostname", "reconnects"):
            if ap:
                raise OSError("STA required")
            return self._reconnects if name == "reconnects" else _hostname
        raise ValueError("unknown config param")
    def _set(self, name, value):
        global _hostname
        ap = self._if == 1
        if name == "mac":
            if len(value) != 6:
                raise ValueError("invalid buffer length")
            _mb[0:6] = bytes(value)
            _b.wlan_set_mac(self._if)
        elif name == "channel":
            if not 1 <= value <= 13:
                if ap and value == 0:
                    return
                _range_error()
            if ap and value > 11:
                _range_error()
            _b.wlan_channel(value)
        elif name == "pm":
            if value not in (0, 1, 2):
                _range_error()
            _b.wlan_pm(value)
        elif name == "txpower":
            if not 2 <= value <= 21:
                _range_error()
            self._txpower = int(value * 4) / 4
        elif name == "protocol":
            self._protocol = value
        elif name == "reconnects":
            if ap:
                raise OSError("STA required")
            self._reconnects = value if value >= 0 else -1
        elif name in ("hostname", "dhcp_hostname"):
            _hostname = value
        elif name in ("ssid", "essid", "security", "authmode", "hidden", "max_clients", "key", "password"):
            if not ap:
                raise OSError("AP required")
            if name in ("key", "password"):
                if 0 < len(value) < 8:
                    raise OSError("Wifi Invalid Password")
                self._ap["key"] = value
            elif name in ("ssid", "essid"):
                self._ap["ssid"] = value[:32]
                s = value.encode()[:32]
                _mb[0:len(s)] = s
                _b.wlan_set_ssid(len(s))
            elif name in ("security", "authmode"):
                if not 0 <= value <= 10:
                    _range_error()
                self._ap["security"] = value
            else:
                self._ap[name] = value
        else:
            raise ValueError("unknown config param")
`;

/** espnow: platform facts, sections 1 and 14, for a runtime of the 1.25 to 1.28 family (250 bytes, one-byte lengths in the ring). */
export const ESPNOW = `
import _board as _b
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
        return bool(_b.espnow_any())
    def _poll_state(self):
        return (1 if _b.espnow_any() else 0) | (4 if _b.espnow_idle() else 0)
    def stats(self):
        _b.espnow_stats()
        return tuple(_mb[4 * i] | _mb[4 * i + 1] << 8 | _mb[4 * i + 2] << 16 | _mb[4 * i + 3] << 24 for i in range(5))
    def irq(self, callback=None):
        if callback is not None:
            raise NotImplementedError("irq: poll on virtual boards")
    def __iter__(self):
        return self
    def __next__(self):
        return self.irecv()
`;
