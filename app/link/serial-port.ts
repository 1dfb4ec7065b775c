/**
 * A serial port as this project uses it: the part of Web Serial's SerialPort that a real port and
 * a virtual board both have. Source: WICG Serial API, sections 4.4 (SerialPort) and 4.6 to 4.8.
 */

export interface SerialOpenOptions {
  /** Bits a second. */
  baudRate: number;
  dataBits?: number | undefined;
  stopBits?: number | undefined;
  parity?: 'none' | 'even' | 'odd' | undefined;
  /** Bytes the host keeps before the reader takes them; the default of 255 is small. */
  bufferSize?: number | undefined;
  flowControl?: 'none' | 'hardware' | undefined;
}

export interface SerialSignals {
  dataTerminalReady?: boolean;
  requestToSend?: boolean;
  break?: boolean;
}

export interface SerialInputs {
  dataCarrierDetect: boolean;
  clearToSend: boolean;
  ringIndicator: boolean;
  dataSetReady: boolean;
}

export interface SerialPortLike {
  /** Null unless open; a new stream after the old one was cancelled or had a passing error. */
  readonly readable: ReadableStream<Uint8Array> | null;
  readonly writable: WritableStream<Uint8Array> | null;
  /** Rejects with InvalidStateError when open already, NetworkError when the device is gone or busy. */
  open(options: SerialOpenOptions): Promise<void>;
  /** Rejects while one of the streams is locked. */
  close(): Promise<void>;
  setSignals(signals: SerialSignals): Promise<void>;
  getSignals(): Promise<SerialInputs>;
  getInfo(): { usbVendorId?: number | undefined; usbProductId?: number | undefined };
  addEventListener(type: 'connect' | 'disconnect', listener: (event: Event) => void): void;
  removeEventListener(type: 'connect' | 'disconnect', listener: (event: Event) => void): void;
}
