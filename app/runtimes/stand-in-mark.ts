/** Text in the bootloader and in the application of a stand-in: by it `checkRuntime` and people with a hex editor know it. */
export const STAND_IN_MARK =
  'MESHWRIGHT STAND-IN RUNTIME: NOT A PROGRAM, DO NOT WRITE THIS TO A REAL CHIP';
