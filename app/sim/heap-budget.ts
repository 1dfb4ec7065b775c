/**
 * What Python can hold on a stock build without PSRAM, in bytes of gc.mem_alloc(): the heap at start and what it may take from ESP-IDF's
 * later, which gc.mem_free() tells together (platform facts, section 9).
 *
 * esp32     164,528  measured: gc.mem_free() at start, 1.26.0 (platform facts, section 14); 1.27.0 tells 134,544 free + 30,704 used on a
 *                    board (micropython/micropython#18859)
 * esp32s2   128,000  what the release of May 2021 gave to Python, before the heap could grow (micropython/micropython#7214)
 * esp32s3   229,376  the largest block of internal memory that was free while Python's own heap lay in PSRAM (micropython/micropython#12075)
 * esp32c3,  164,528  assumed: nobody has published a figure that tells Python's share; they are known to have less for Wi-Fi beside it
 * esp32c6            (micropython/micropython#18859)
 *
 * Wi-Fi and sockets take their part of the same memory; on an ESP32 Python could then really allocate 129 KB (section 9).
 */
import type { ChipName } from './chips.ts';

export const HEAP_BUDGET_BYTES: Readonly<Record<ChipName, number>> = {
  esp32: 164_528,
  esp32s2: 128_000,
  esp32s3: 229_376,
  esp32c3: 164_528,
  esp32c6: 164_528,
};
