/** What can be wrong with the fleet's records, files and vault. No message ever contains a secret. */

export type FleetCode =
  | 'name-empty'
  | 'name-too-long'
  | 'name-characters'
  | 'name-taken'
  | 'zone-invalid'
  | 'mac-invalid'
  | 'mac-taken'
  | 'channel-invalid'
  | 'router-invalid'
  | 'passphrase-empty'
  | 'wrong-passphrase' // nothing was changed: type it again
  | 'vault-damaged' // the passphrase is right, the stored data is not: restore a backup
  | 'file-invalid' // not one of our files, or a field is missing or wrong
  | 'newer-schema' // written by a newer version of this program
  | 'not-found'
  | 'no-rotation'
  | 'rotation-running'
  | 'changed-meanwhile'; // another tab kept changing the same record

export class FleetError extends Error {
  override readonly name = 'FleetError';
  readonly code: FleetCode;

  constructor(code: FleetCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.code = code;
  }
}
