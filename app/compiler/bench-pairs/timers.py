class Timer:
    def __init__(self, at, run):
        self.at = at
        self.run = run


class Timers:
    def __init__(self):
        self._waiting = []

    def after(self, at, run):
        timer = Timer(at, run)
        place = len(self._waiting)
        while place > 0 and self._waiting[place - 1].at > at:
            place -= 1
        self._waiting.insert(place, timer)
        return timer

    def cancel(self, timer):
        self._waiting.remove(timer)

    def poll(self, now):
        ran = 0
        while self._waiting and self._waiting[0].at <= now:
            self._waiting.pop(0).run(now)
            ran += 1
        return ran


def run():
    timers = Timers()
    total = 0

    def adder(i):
        def add(now):
            nonlocal total
            total += now + i
        return add

    for i in range(60):
        timer = timers.after(i * 37 % 100, adder(i))
        if i % 5 == 0:
            timers.cancel(timer)
    for now in range(0, 101, 10):
        ran = timers.poll(now)
        total += ran
    return total
