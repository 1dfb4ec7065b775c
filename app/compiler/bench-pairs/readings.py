from collections import OrderedDict


class Reading:
    def __init__(self, zone, value, valid=True):
        self.zone = zone
        self.value = value
        self.valid = valid


class Summary:
    def __init__(self, value):
        self.count = 1
        self.least = value
        self.most = value
        self.sum = value


def summarise(readings):
    summaries = OrderedDict()
    for reading in readings:
        if not reading.valid:
            continue
        value = reading.value
        known = summaries.get(reading.zone)
        if known is None:
            summaries[reading.zone] = Summary(value)
        else:
            known.count += 1
            known.least = min(known.least, value)
            known.most = max(known.most, value)
            known.sum += value
    return summaries


def run():
    readings = []
    for i in range(100):
        zone = 'zone %d' % (i % 4)
        if i % 11 == 0:
            readings.append(Reading(zone, -1, False))
        else:
            readings.append(Reading(zone, i * 31 % 97))
    lines = []
    for zone, s in summarise(readings).items():
        lines.append('%s: %d %d %d %d' % (zone, s.count, s.least, s.most, s.sum // s.count))
    return len('\n'.join(lines)) + sum([r.value for r in readings if r.value > 50])
