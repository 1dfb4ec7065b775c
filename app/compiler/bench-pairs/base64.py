ALPHABET = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'


def encode(data):
    parts = []
    for at in range(0, len(data), 3):
        left = len(data) - at
        first = data[at]
        second = data[at + 1] if left > 1 else 0
        third = data[at + 2] if left > 2 else 0
        parts.append(ALPHABET[first >> 2])
        parts.append(ALPHABET[(first & 3) << 4 | second >> 4])
        if left > 1:
            parts.append(ALPHABET[(second & 15) << 2 | third >> 6])
        if left > 2:
            parts.append(ALPHABET[third & 63])
    return ''.join(parts)


def decode(text):
    data = bytearray(len(text) * 3 // 4)
    bits = 0
    count = 0
    at = 0
    for letter in text:
        bits = (bits << 6 | ALPHABET.find(letter)) & 0xfff
        count += 6
        if count >= 8:
            count -= 8
            data[at] = bits >> count & 255
            at += 1
    return data


def run():
    data = bytearray(50)
    for i in range(len(data)):
        data[i] = i * 37 & 255
    total = 0
    for _ in range(5):
        for byte in decode(encode(data)):
            total += byte
    return total
