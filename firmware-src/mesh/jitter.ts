/**
 * Small seeded generator for spreading transmissions in time; never for secrets. Lehmer's with modulus 65537, so that
 * products stay below 2^30 (boards pay for larger integers).
 */
export class Jitter {
  private state: number;

  constructor(seed: number) {
    this.state = (seed % 65536) + 1;
  }

  /** 0 to limit - 1; limit up to 16000. */
  below(limit: number): number {
    this.state = (this.state * 75) % 65537;
    return Math.floor((this.state * limit) / 65537);
  }
}
