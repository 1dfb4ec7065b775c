from struct import pack_into, unpack_from

HEADER = 12


class Frame:
    def __init__(self, kind, origin, sequence, payload):
        self.kind = kind
        self.origin = origin
        self.sequence = sequence
        self.payload = payload


def encode(frame):
    data = bytearray(HEADER + len(frame.payload))
    data[0] = 1
    data[1] = frame.kind
    for i in range(6):
        data[2 + i] = int(frame.origin[2 * i:2 * i + 2], 16)
    pack_into('<I', data, 8, frame.sequence)
    data[HEADER:] = frame.payload
    return data


def decode(data):
    if len(data) < HEADER or data[0] != 1:
        return None
    origin = ''
    for i in range(2, 8):
        origin += '%02x' % data[i]
    return Frame(data[1], origin, unpack_from('<I', data, 8)[0], data[HEADER:])


def run():
    total = 0
    for i in range(30):
        data = encode(Frame(i, '240ac4000001', 1000 + i, bytes([1, 2, i])))
        frame = decode(data)
        if frame is not None and frame.origin == '240ac4000001':
            total += frame.kind + frame.sequence + len(frame.payload)
    return total
