/**
 * Python text of the shim for socket. See shims.ts for how it is installed; what it asks of the board is in wifi/host-functions.ts.
 *
 * Waiting: a board's turn cannot wait for the world (session.ts), so a call that would block lets the socket's timeout pass and raises
 * ETIMEDOUT, and raises RuntimeError when it would block for ever. Use setblocking(False) and select.poll, as in the firmware.
 * Not there: TLS, IPv6, raw sockets, multicast, names that need a name server.
 */
export const SOCKET = `
import _board as _b
_mb = _b_mailbox
AF_INET = 2
AF_INET6 = 10
SOCK_STREAM = 1
SOCK_DGRAM = 2
SOCK_RAW = 3
IPPROTO_IP = 0
IPPROTO_TCP = 6
IPPROTO_UDP = 17
SOL_SOCKET = 4095
SO_REUSEADDR = 4
SO_BROADCAST = 32
SO_BINDTODEVICE = 4107
IP_ADD_MEMBERSHIP = 3
TCP_NODELAY = 1
_CHUNK = 16384
_recv = _b.sock_recv
_send = _b.sock_send
def _ip(host):
    if host == "":
        host = "0.0.0.0"
    parts = host.split(".")
    try:
        if len(parts) == 4:
            return bytes([int(p) for p in parts])
    except ValueError:
        pass
    raise OSError(-202 if len(parts) > 4 or not host.endswith(".local") else -2)
def _host(at=0):
    return ("%d.%d.%d.%d" % (_mb[at], _mb[at + 1], _mb[at + 2], _mb[at + 3]), _mb[at + 4] << 8 | _mb[at + 5])
def getaddrinfo(host, port, af=0, type=0, proto=0, flags=0):
    a = _ip(host)
    text = "%d.%d.%d.%d" % (a[0], a[1], a[2], a[3])
    return [(AF_INET, type or SOCK_STREAM, proto, text, (text, int(port)))]
def _check(n):
    if n < 0:
        raise OSError(-n)
    return n
class socket:
    def __init__(self, family=AF_INET, type=SOCK_STREAM, proto=0):
        self._fd = -1
        if family != AF_INET or type not in (SOCK_STREAM, SOCK_DGRAM):
            raise OSError(5)
        self._type = type
        self._timeout = None
        self._closed = False
        self._fd = _check(_b.sock_open(type))
    def __repr__(self):
        return "<socket>"
    def fileno(self):
        return self._fd
    def _wait(self, name):
        if self._timeout == 0:
            raise OSError(11)
        if self._timeout is None:
            if _b.halted():
                raise KeyboardInterrupt
            raise RuntimeError("socket." + name + ": this call would block for ever here; use setblocking(False) and poll")
        _b.sleep(self._timeout, 0)
        raise OSError(116)
    def _to(self, addr):
        if len(addr) != 2:
            raise ValueError("requested length 2 but object has length " + str(len(addr)))
        _mb[0:4] = _ip(addr[0])
        return addr[1]
    def bind(self, addr):
        _check(_b.sock_bind(self._fd, self._to(addr)))
    def listen(self, backlog=2):
        _check(_b.sock_listen(self._fd))
    def accept(self):
        n = _b.sock_accept(self._fd)
        if n == -11:
            self._wait("accept")
        _check(n)
        made = object.__new__(socket)
        made._fd = n
        made._type = self._type
        made._timeout = None
        made._closed = False
        return (made, _host())
    def connect(self, addr):
        n = _b.sock_connect(self._fd, self._to(addr))
        if n == -119 and self._timeout != 0:
            n = _b.sock_connected(self._fd)
            if n == -11:
                self._wait("connect")
        _check(n)
    def send(self, data):
        n = self._put(data, 0)
        if n == -11:
            self._wait("send")
        return _check(n)
    write = send
    def _put(self, data, at):
        if isinstance(data, str):
            data = data.encode()
        m = min(len(data) - at, _CHUNK)
        _mb[64:64 + m] = bytes(data[at:at + m])
        return _send(self._fd, m)
    def sendall(self, data):
        n = self.send(data)
        if n < len(data):
            # On a board one more attempt follows at once; what does not fit then is lost track of.
            m = self._put(data, n)
            if m < 0 or n + m < len(data):
                raise OSError(116)
    def sendto(self, data, addr):
        if isinstance(data, str):
            data = data.encode()
        port = self._to(addr)
        m = min(len(data), _CHUNK)
        _mb[64:64 + m] = bytes(data[:m])
        return _check(_b.sock_sendto(self._fd, port, m))
    def _get(self, most):
        if self._closed:
            return 0
        n = _recv(self._fd, min(most, _CHUNK))
        if n == -11:
            self._wait("recv")
        _check(n)
        if n == 0 and most > 0 and self._type == SOCK_STREAM:
            self._closed = True
        return n
    def recv(self, most, flags=0):
        n = self._get(most)
        return bytes(_mb[64:64 + n])
    def recvfrom(self, most, flags=0):
        n = self._get(most)
        return (bytes(_mb[64:64 + n]), _host())
    def _stream(self, most):
        if self._timeout == 0 and not self._closed:
            n = _recv(self._fd, min(most, _CHUNK))
            if n == -11:
                return -1
            if _check(n) == 0 and most > 0:
                self._closed = True
            return n
        return self._get(most)
    def read(self, most=-1):
        out = b""
        while most < 0 or len(out) < most:
            n = self._stream(_CHUNK if most < 0 else most - len(out))
            if n < 0:
                return out if out else None
            if n == 0:
                break
            out += bytes(_mb[64:64 + n])
        return out
    def readinto(self, buf, most=-1):
        most = len(buf) if most < 0 else min(most, len(buf))
        at = 0
        while at < most:
            n = self._stream(most - at)
            if n < 0:
                return at if at else None
            if n == 0:
                break
            buf[at:at + n] = _mb[64:64 + n]
            at += n
        return at
    def settimeout(self, seconds):
        # In tenths of a second, as the driver waits.
        self._timeout = None if seconds is None else 0 if seconds == 0 else max(100, int(seconds * 10) * 100)
    def setblocking(self, flag):
        self._timeout = None if flag else 0
    def setsockopt(self, level, option, value):
        if option == TCP_NODELAY:
            _check(_b.sock_option(self._fd, 1, 1 if value else 0))
        elif option == SO_REUSEADDR:
            _check(_b.sock_option(self._fd, 2, 1 if value else 0))
        elif option == IP_ADD_MEMBERSHIP:
            raise NotImplementedError("socket: no multicast on virtual boards")
        elif option not in (SO_BROADCAST, SO_BINDTODEVICE, 20):
            print("Warning: lwip.setsockopt() option not implemented")
    def makefile(self, *a):
        return self
    def close(self):
        if self._fd >= 0:
            _b.sock_close(self._fd)
            self._fd = -1
    def __enter__(self):
        return self
    def __exit__(self, *a):
        self.close()
    def _poll_state(self):
        return _b.sock_poll(self._fd)
`;
