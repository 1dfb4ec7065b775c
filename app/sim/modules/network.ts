/**
 * Python text of the shim for network. See shims.ts for how it is installed; what it asks of the board is in wifi/host-functions.ts.
 * Messages: ports/esp32/network_common.c and network_wlan.c; order of checks and results as seen on an emulated chip with stock 1.26.0.
 */
import { SETTING, WIFI_ERROR } from '../wifi/settings.ts';

const E = WIFI_ERROR;
const MESSAGES = JSON.stringify({
  [E.internal]: 'Wifi Internal Error',
  [E.mode]: 'Wifi Invalid Mode',
  [E.notStarted]: 'Wifi Not Started',
  [E.notConnected]: 'Wifi Not Connected',
  [E.password]: 'Wifi Invalid Password',
  [E.address]: 'Wifi Invalid MAC Address',
  [E.stationRequired]: 'STA required',
  [E.pointRequired]: 'AP required',
}).replaceAll(/"(-?\d+)":/g, '$1:');

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
_MESSAGES = ${MESSAGES}
_SETTINGS = {"ssid": ${SETTING.ssid}, "essid": ${SETTING.ssid}, "hidden": ${SETTING.hidden}, "security": ${SETTING.security}, "authmode": ${SETTING.security}, "channel": ${SETTING.channel}, "max_clients": ${SETTING.maxClients}, "reconnects": ${SETTING.reconnects}, "txpower": ${SETTING.txpower}, "protocol": ${SETTING.protocol}, "pm": ${SETTING.pm}}
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
def ipconfig(*a, **k):
    if k:
        raise NotImplementedError("network.ipconfig: no name server on virtual boards")
    if len(a) != 1:
        raise TypeError("must query one param")
    if a[0] != "dns":
        raise ValueError("unexpected key")
    return WLAN(0).ifconfig()[3]
def _check(code):
    if code >= 0:
        return code
    if code in _MESSAGES:
        raise OSError(_MESSAGES[code])
    _unknown("0102" if code == ${E.argument} else "5001" if code == -11 else "ffffffff")
def _unknown(code):
    raise RuntimeError("Wifi Unknown Error 0x" + code)
def _put(data, at):
    if isinstance(data, str):
        data = data.encode()
    n = len(data)
    _mb[at:at + n] = bytes(data)
    return n
def _parse(text):
    parts = text.split(".")
    if len(parts) != 4:
        raise ValueError("invalid arguments")
    out = bytes([int(p) for p in parts])
    return out
def _text(at):
    return "%d.%d.%d.%d" % (_mb[at], _mb[at + 1], _mb[at + 2], _mb[at + 3])
def _mask(bits):
    n = (0xffffffff << (32 - bits)) & 0xffffffff
    return bytes([n >> 24 & 255, n >> 16 & 255, n >> 8 & 255, n & 255])
class WLAN:
    IF_STA = 0
    IF_AP = 1
    PM_NONE = 0
    PM_PERFORMANCE = 1
    PM_POWERSAVE = 2
    SEC_OPEN = 0
    SEC_WEP = 1
    SEC_WPA = 2
    SEC_WPA2 = 3
    SEC_WPA_WPA2 = 4
    SEC_WPA3 = 6
    SEC_WPA2_WPA3 = 7
    _made = {}
    def __new__(cls, interface=0):
        if interface not in (0, 1):
            raise ValueError("invalid WLAN interface identifier")
        if interface not in cls._made:
            self = super().__new__(cls)
            self._if = interface
            cls._made[interface] = self
        return cls._made[interface]
    def __init__(self, interface=0):
        pass
    def _require(self, interface):
        if self._if != interface:
            raise OSError("AP required" if interface else "STA required")
    def active(self, *a):
        if a:
            _b.wlan_active(self._if, 1 if a[0] else 0)
        return bool(_b.wlan_active(self._if, -1))
    def isconnected(self):
        return bool(_b.wlan_connected(self._if))
    def status(self, *a):
        if not a:
            return None if self._if else _b.wlan_status()
        if a[0] == "rssi":
            self._require(0)
            n = _check(_b.wlan_rssi())
            if n == 0:
                _check(${E.notConnected})
            return -n
        if a[0] == "stations":
            self._require(1)
            n = _check(_b.wlan_stations())
            return [(bytes(_mb[6 * i:6 * i + 6]),) for i in range(n)]
        raise ValueError("unknown status param")
    def connect(self, ssid=None, key=None, *, bssid=None):
        n = -1
        m = 0
        if not (ssid is None and key is None and bssid is None):
            if bssid is not None and len(bssid) != 6:
                raise ValueError
            n = _put(ssid, 64) if ssid is not None else 0
            m = _put(key, 64 + n) if key is not None else 0
            if bssid is not None:
                _put(bssid, 0)
        _check(_b.wlan_connect(n, m, 0 if bssid is None else 1))
    def disconnect(self):
        _check(_b.wlan_disconnect())
    def scan(self):
        if not _b.wlan_active(0, -1):
            raise OSError("STA must be active")
        n = _b.wlan_scan()
        rows = []
        at = 0
        for _ in range(n):
            size = _mb[at]
            rows.append((bytes(_mb[at + 10:at + 10 + size]), bytes(_mb[at + 1:at + 7]), _mb[at + 7], _mb[at + 8] - 256, _mb[at + 9], False))
            at += 10 + size
        return rows
    def ifconfig(self, *a):
        if not a:
            _b.ip_get(self._if)
            return (_text(0), _text(4), _text(8), _text(12))
        if isinstance(a[0], (tuple, list)):
            row = a[0]
            if len(row) != 4:
                raise ValueError("requested length 4 but object has length " + str(len(row)))
            mask = _mask(row[1]) if isinstance(row[1], int) else _parse(row[1])
            _put(_parse(row[0]) + mask + _parse(row[2]) + _parse(row[3]), 0)
            _check(_b.ip_set(self._if, 1))
            return
        if self._if or a[0] != "dhcp":
            raise ValueError("invalid arguments")
        _b.ip_dhcp(1)
    def ipconfig(self, *a, **k):
        if not k:
            if len(a) != 1:
                raise TypeError("must query one param")
            name = a[0]
            if name == "dhcp4" and not self._if:
                return bool(_b.ip_dhcp(-1))
            _b.ip_get(self._if)
            if name == "addr4":
                return (_text(0), _text(4))
            if name == "gw4":
                return _text(8)
            raise ValueError("unexpected key")
        if a:
            raise TypeError("can't specify pos and kw args")
        _b.ip_get(self._if)
        row = [bytes(_mb[0:4]), bytes(_mb[4:8]), bytes(_mb[8:12])]
        touched = False
        for name in k:
            value = k[name]
            if name == "dhcp4" and not self._if:
                _b.ip_dhcp(1 if value else 0)
            elif name == "addr4":
                if isinstance(value, str):
                    text, _, bits = value.partition("/")
                    if bits:
                        row[1] = _mask(int(bits))
                    row[0] = _parse(text)
                else:
                    row[0] = _parse(value[0])
                    if not isinstance(value[1], str):
                        raise TypeError("can't convert '" + type(value[1]).__name__ + "' object to str implicitly")
                    row[1] = _parse(value[1])
                touched = True
            elif name == "gw4":
                row[2] = _parse(value)
                touched = True
            else:
                raise ValueError("unexpected key")
        if touched:
            _b.ip_get(self._if)
            _put(row[0] + row[1] + row[2], 0)
            _b.ip_set(self._if, 0)
    def config(self, *a, **k):
        if a and k:
            raise TypeError("either pos or kw args are allowed")
        if not k:
            if len(a) != 1:
                raise TypeError("can query only one param")
            return self._query(a[0])
        try:
            for name in k:
                self._set(name, k[name])
        except BaseException:
            _b.wlan_commit(self._if, 1)
            raise
        _check(_b.wlan_commit(self._if, 0))
    def _query(self, name):
        if name == "mac":
            _b.mac(1 + self._if)
            return bytes(_mb[0:6])
        if name == "ifname":
            return "ap1" if self._if else "st1"
        if name in ("hostname", "dhcp_hostname"):
            self._require(0)
            return _hostname
        if name not in _SETTINGS:
            raise ValueError("unknown config param")
        n = _check(_b.wlan_get(self._if, _SETTINGS[name]))
        if name in ("ssid", "essid"):
            return bytes(_mb[0:n]).decode()
        if name == "hidden":
            return bool(n)
        if name == "txpower":
            return n / 4
        if name == "reconnects":
            return n - 1
        return n
    def _set(self, name, value):
        if name == "mac":
            if len(value) != 6:
                raise ValueError("invalid buffer length")
            _check(_b.wlan_set(self._if, ${SETTING.mac}, 0, _put(value, 0)))
        elif name in ("ssid", "essid"):
            _check(_b.wlan_set(self._if, ${SETTING.ssid}, 0, _put(value, 0)))
        elif name in ("key", "password"):
            _check(_b.wlan_set(self._if, ${SETTING.key}, 0, _put(value, 0)))
        elif name in ("hostname", "dhcp_hostname"):
            hostname(value)
        elif name in _SETTINGS:
            if name == "hidden":
                value = 1 if value else 0
            elif name == "txpower":
                value = int(value * 4)
            _check(_b.wlan_set(self._if, _SETTINGS[name], value, 0))
        else:
            raise ValueError("unknown config param")
`;
