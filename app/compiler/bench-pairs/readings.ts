interface Reading {
  zone: string;
  value: number;
  valid?: boolean;
}

interface Summary {
  count: number;
  least: number;
  most: number;
  sum: number;
}

export function summarise(readings: readonly Reading[]): Map<string, Summary> {
  const summaries = new Map<string, Summary>();
  for (const { zone, value, valid = true } of readings) {
    if (!valid) continue;
    const known = summaries.get(zone);
    if (known === undefined)
      summaries.set(zone, { count: 1, least: value, most: value, sum: value });
    else {
      known.count++;
      known.least = Math.min(known.least, value);
      known.most = Math.max(known.most, value);
      known.sum += value;
    }
  }
  return summaries;
}

export function run(): number {
  const readings: Reading[] = [];
  for (let i = 0; i < 100; i++) {
    const zone = `zone ${String(i % 4)}`;
    if (i % 11 === 0) readings.push({ zone, value: -1, valid: false });
    else readings.push({ zone, value: (i * 31) % 97 });
  }
  const lines: string[] = [];
  for (const [zone, { count, least, most, sum }] of summarise(readings)) {
    lines.push(
      `${zone}: ${String(count)} ${String(least)} ${String(most)} ${String(Math.trunc(sum / count))}`,
    );
  }
  const big = readings.filter((one) => one.value > 50).map((one) => one.value);
  return lines.join('\n').length + big.reduce((sum, value) => sum + value, 0);
}
