/** Error numbers of the ESP32 (newlib; platform facts, section 3) as lwIP gives them (api/err.c, err_to_errno_table). */
export const ERRNO = {
  badFile: 9,
  again: 11,
  noMemory: 12,
  invalid: 22,
  tooManyFiles: 23,
  notSupported: 95,
  connectionReset: 104,
  addressInUse: 112,
  connectionAborted: 113,
  timedOut: 116,
  hostUnreachable: 118,
  inProgress: 119,
  isConnected: 127,
  notConnected: 128,
} as const;
