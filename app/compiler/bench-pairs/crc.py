TABLE = (
    0x0000, 0x1021, 0x2042, 0x3063, 0x4084, 0x50a5, 0x60c6, 0x70e7,
    0x8108, 0x9129, 0xa14a, 0xb16b, 0xc18c, 0xd1ad, 0xe1ce, 0xf1ef,
)


def crc16(data):
    crc = 0xffff
    for byte in data:
        crc = (crc << 4) & 0xffff ^ TABLE[(crc >> 12) ^ (byte >> 4)]
        crc = (crc << 4) & 0xffff ^ TABLE[(crc >> 12) ^ (byte & 15)]
    return crc


def run():
    data = bytearray(64)
    for i in range(len(data)):
        data[i] = i * 7 & 255
    result = 0
    for n in range(8):
        data[0] = n
        result ^= crc16(data)
    return result
