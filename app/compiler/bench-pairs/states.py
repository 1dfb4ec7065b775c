class Joiner:
    def __init__(self):
        self.state = 'idle'
        self.attempts = 0
        self.log = []

    def handle(self, event, now):
        before = self.state
        if before == 'idle':
            if event == 'start':
                self.state = 'joining'
                self.attempts = 1
        elif before == 'joining':
            if event == 'accept':
                self.state = 'joined'
            elif event == 'reject':
                self.attempts += 1
                if self.attempts > 3:
                    self.state = 'failed'
        elif before == 'joined':
            if event == 'lost':
                self.state = 'joining'
        elif event == 'tick':
            self.state = 'idle'
        if before != self.state:
            self.log.append('%s -> %s at %d' % (before, self.state, now))


INPUTS = ('start', 'reject', 'accept', 'tick', 'lost', 'reject', 'reject', 'reject', 'tick')


def run():
    joiner = Joiner()
    for i in range(200):
        joiner.handle(INPUTS[i % len(INPUTS)], i)
    return len(joiner.log) * 10 + joiner.attempts
