class Ring:
    def __init__(self, size):
        self._items = bytearray(size)
        self._head = 0
        self._count = 0
        self.dropped = 0

    @property
    def length(self):
        return self._count

    def push(self, value):
        if self._count == len(self._items):
            self.dropped += 1
            return False
        self._items[(self._head + self._count) % len(self._items)] = value
        self._count += 1
        return True

    def shift(self):
        if self._count == 0:
            return None
        value = self._items[self._head]
        self._head = (self._head + 1) % len(self._items)
        self._count -= 1
        return value


def run():
    ring = Ring(16)
    total = 0
    for i in range(300):
        ring.push(i & 255)
        if i % 3 == 0:
            total += ring.shift() or 0
    return total + ring.length + ring.dropped
