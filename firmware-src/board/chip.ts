import {
  DEEPSLEEP_RESET,
  HARD_RESET,
  PWRON_RESET,
  reset_cause,
  SOFT_RESET,
  WDT_RESET,
} from 'machine';
import { implementation } from 'sys';

/** `esp32`, `esp32s3` and so on, from text like "Generic ESP32S3 module with ESP32S3". */
export function chipName(): string {
  const machine = implementation._machine;
  const at = machine.lastIndexOf(' with ');
  const text = at < 0 ? machine : machine.slice(at + 6);
  return text.toLowerCase().replaceAll('-', '');
}

export function runtimeVersion(): string {
  const version = implementation.version;
  return `${version[0]}.${version[1]}.${version[2]}`;
}

export function resetCause(): string {
  switch (reset_cause()) {
    case PWRON_RESET:
      return 'power-on';
    case HARD_RESET:
      return 'hard';
    case WDT_RESET:
      return 'watchdog';
    case DEEPSLEEP_RESET:
      return 'deep-sleep';
    case SOFT_RESET:
      return 'soft';
    default:
      return 'power-on';
  }
}
