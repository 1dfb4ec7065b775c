/** Numbers with units and relative times, the same words on every screen. */

/** `sizeBytes` as B, KiB or MiB with at most one decimal. */
export function size(sizeBytes: number): string {
  if (sizeBytes < 1024) return `${sizeBytes} B`;
  const [value, unit] =
    sizeBytes < 1024 * 1024 ? [sizeBytes / 1024, 'KiB'] : [sizeBytes / (1024 * 1024), 'MiB'];
  return `${value < 100 && value % 1 >= 0.05 && value % 1 < 0.95 ? value.toFixed(1) : Math.round(value)} ${unit}`;
}

/** A span of time in at most two units. */
export function span(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return seconds % 60 ? `${minutes} min ${seconds % 60} s` : `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return minutes % 60 ? `${hours} h ${minutes % 60} min` : `${hours} h`;
  return `${Math.floor(hours / 24)} d`;
}

/** Relative to now: "now", "12 s ago", "3 d ago". */
export function ago(atMs: number, nowMs: number): string {
  const elapsedMs = nowMs - atMs;
  return elapsedMs < 1500 ? 'now' : `${span(elapsedMs)} ago`;
}

export function address(at: number): string {
  return `0x${at.toString(16).padStart(6, '0')}`;
}

export function plural(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

const CHIP_NAMES: Record<string, string> = {
  esp32: 'ESP32',
  esp32s2: 'ESP32-S2',
  esp32s3: 'ESP32-S3',
  esp32c3: 'ESP32-C3',
  esp32c6: 'ESP32-C6',
};

export function chipName(chip: string | null): string {
  return chip === null ? 'unknown chip' : (CHIP_NAMES[chip] ?? chip);
}

/** Clock time of an event, to the second, in the reader's own format. */
export function clockTime(atMs: number): string {
  return new Date(atMs).toLocaleTimeString([], {
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  });
}
