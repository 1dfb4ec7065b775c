def add(args):
    return str(sum([int(one) for one in args]))


def count(args):
    return '%d words' % len(args)


HANDLERS = {
    'add': add,
    'join': lambda args: '-'.join(args),
    'upper': lambda args: ' '.join([one.upper() for one in args]),
    'count': count,
}


def execute(line):
    words = line.split()
    if not words:
        return ''
    handler = HANDLERS.get(words[0])
    if handler is None:
        return 'unknown: ' + words[0]
    return handler(words[1:])


LINES = ('add 1 2 39', ' join a b  c', 'upper hello world', 'count a b c d', 'nothing here', '  ')


def run():
    size = 0
    for _ in range(10):
        for line in LINES:
            size += len(execute(line))
    return size
