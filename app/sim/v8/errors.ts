/** Exceptions of the runtime's drivers, as firmware-src/ambient/builtins.d.ts declares them. */
class PythonError extends Error {
  readonly args: readonly unknown[];

  constructor(...args: unknown[]) {
    super(args.map(String).join(', '));
    this.args = args;
  }
}

export class OSError extends PythonError {
  override readonly name = 'OSError';
}

export class ValueError extends PythonError {
  override readonly name = 'ValueError';
}

export class MemoryError extends PythonError {
  override readonly name = 'MemoryError';
}

export class RuntimeError extends PythonError {
  override readonly name = 'RuntimeError';
}
