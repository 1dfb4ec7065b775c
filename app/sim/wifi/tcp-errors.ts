/** What went wrong with a connection, and who has not been told yet. */
export class TcpErrors {
  failed = false;
  /** What the next read ends with, and the next call of either kind; after them it is ENOTCONN (seen, stock 1.26.0). */
  #read = 0;
  #pending = 0;

  fail(error: number): void {
    this.#read = error;
    this.#pending = error;
    this.failed = true;
  }

  /** Once; 0 for none. */
  take(): number {
    const error = this.#pending;
    this.#pending = 0;
    return error;
  }

  /** A read ends with it even when another call has told it. */
  takeForRead(): number {
    if (this.#read === 0) return this.take();
    const error = this.#read;
    this.#read = 0;
    return error;
  }
}
