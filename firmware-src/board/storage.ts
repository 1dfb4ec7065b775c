import { bytes, OSError } from 'builtins';
import { NVS } from 'esp32';
import { sleep_ms } from 'time';
import { utf8Decode } from '../std/utf8.ts';
import type { Identity } from '../node/setup.ts';

const NAMESPACE = 'mesh';
/** More than the largest blob of ours (308 bytes). */
const BLOB_BYTES = 400;
const SCHEMA = 1;
const NO_MEMORY = 'ESP_ERR_NO_MEM';
/** main.py holds memory for Wi-Fi for three seconds, until when NVS may find none. So many waits in all, for a node that waits is deaf. */
const MOST_WAITS = 40;
const WAIT_MS = 100;

/** NVS: i32 and blobs only. A missing key is normal; any other failure is kept as `trouble`, in words, and never thrown. */
export class Storage {
  /** What went wrong last, '' when nothing did. */
  trouble = '';
  private readonly nvs: NVS = new NVS(NAMESPACE);
  private waits = MOST_WAITS;

  private failed(what: string, key: string, error: OSError): void {
    const said = error.args.length > 1 ? error.args[1] : null;
    const name = typeof said === 'string' ? said : 'unknown error';
    if (name !== 'ESP_ERR_NVS_NOT_FOUND') this.trouble = `NVS ${what} ${key}: ${name}`;
  }

  /** False when it cannot be done, then or after the waits that are left. */
  private write(key: string, set: () => void): boolean {
    do {
      try {
        set();
        this.nvs.commit();
        return true;
      } catch (error) {
        if (!(error instanceof OSError)) throw error;
        this.failed('write', key, error);
      }
    } while (this.waited());
    return false;
  }

  /** Whether a write that found no memory is tried again, after a wait for it. */
  private waited(): boolean {
    if (this.waits === 0 || !this.trouble.endsWith(NO_MEMORY)) return false;
    this.waits -= 1;
    this.trouble = '';
    sleep_ms(WAIT_MS);
    return true;
  }

  number(key: string, missing: number): number {
    try {
      return this.nvs.get_i32(key);
    } catch (error) {
      if (!(error instanceof OSError)) throw error;
      this.failed('read', key, error);
      return missing;
    }
  }

  /** True when it was written. Values beyond 31 bits are refused, not thrown. */
  setNumber(key: string, value: number): boolean {
    if (value < 0 || value > 0x7fffffff) {
      this.trouble = `NVS write ${key}: out of range`;
      return false;
    }
    return this.write(key, () => this.nvs.set_i32(key, value));
  }

  blob(key: string): Uint8Array | null {
    const buffer = new Uint8Array(BLOB_BYTES);
    try {
      const size = this.nvs.get_blob(key, buffer);
      return buffer.slice(0, size);
    } catch (error) {
      if (!(error instanceof OSError)) throw error;
      this.failed('read', key, error);
      return null;
    }
  }

  /** One write, so it is there whole or not at all. */
  setBlob(key: string, value: Uint8Array): boolean {
    return this.write(key, () => this.nvs.set_blob(key, bytes(value)));
  }

  private key(name: string): Uint8Array | null {
    const key = this.blob(name);
    return key !== null && key.length === 32 ? key : null;
  }

  private text(name: string): string {
    const text = this.blob(name);
    return text === null ? '' : (utf8Decode(text) ?? '');
  }

  /** null on a board that was given none, or one of another schema. */
  identity(): Identity | null {
    const schema = this.number('schema', 0);
    if (schema === 0) return null;
    if (schema !== SCHEMA) {
      this.trouble = `identity of schema ${schema} is not for this firmware (schema ${SCHEMA})`;
      return null;
    }
    return {
      name: this.text('name'),
      zone: this.text('zone'),
      nodeKey: this.key('node_key'),
      setupKey: this.key('setup_key'),
      consoleKey: this.key('console_key'),
    };
  }

  /** Counts this start; 0 when the new count could not be stored. */
  countBoot(): number {
    const boot = this.number('boot', 0) + 1;
    return this.setNumber('boot', boot) ? boot : 0;
  }
}
