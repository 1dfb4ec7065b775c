from collections import OrderedDict


class Peer:
    def __init__(self, key):
        self.key = key
        self.heard_at = 0
        self.rssi = 0
        self.parent = None


class Peers:
    def __init__(self):
        self._peers = OrderedDict()

    def heard(self, key, rssi, now):
        peer = self._peers.get(key)
        if peer is None:
            peer = self._peers[key] = Peer(key)
        peer.rssi = rssi if peer.rssi == 0 else int((peer.rssi * 3 + rssi) / 4)
        peer.heard_at = now
        return peer

    def best(self):
        best = None
        for peer in self._peers.values():
            if best is None or peer.rssi > best.rssi:
                best = peer
        return best

    def sweep(self, now):
        gone = [p for p in self._peers.values() if now - p.heard_at > 50]
        for peer in gone:
            del self._peers[peer.key]
        return len(gone)

    @property
    def size(self):
        return len(self._peers)


def run():
    peers = Peers()
    gone = 0
    for i in range(120):
        peers.heard('node%d' % (i % 20), -40 - i % 17, i)
        if i % 30 == 29:
            gone += peers.sweep(i + 40)
    best = peers.best()
    return gone * 100 + peers.size + (best.rssi if best else 0)
