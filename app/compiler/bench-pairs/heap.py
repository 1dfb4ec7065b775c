class Heap:
    def __init__(self, before):
        self._items = []
        self._before = before

    @property
    def size(self):
        return len(self._items)

    def push(self, item):
        items = self._items
        at = len(items)
        items.append(item)
        while at > 0:
            up = (at - 1) >> 1
            if not self._before(item, items[up]):
                break
            items[at] = items[up]
            at = up
        items[at] = item

    def pop(self):
        items = self._items
        if not items:
            return None
        top = items[0]
        last = items.pop()
        if not items:
            return top
        at = 0
        while True:
            child = 2 * at + 1
            if child >= len(items):
                break
            if child + 1 < len(items) and self._before(items[child + 1], items[child]):
                child += 1
            smaller = items[child]
            if not self._before(smaller, last):
                break
            items[at] = smaller
            at = child
        items[at] = last
        return top


def run():
    heap = Heap(lambda a, b: a < b)
    for i in range(80):
        heap.push(i * 7919 % 1009)
    total = 0
    place = 1
    while heap.size > 0:
        total += heap.pop() * place
        place += 1
    return total
