interface Reading {
  volts: number;
}
function measure(raw: number): Reading {
  return { volts: raw / 1000 };
}
export function report(raw: number): string {
  const reading = measure(raw);
  return JSON.stringify(reading);
}
