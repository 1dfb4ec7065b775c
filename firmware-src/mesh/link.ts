import { SIGNAL_AT } from '../wire/advert.ts';

/** Link quality in integers. RSSI in dBm; 0 means not measured. */
export const PROBATION_RSSI = -88;

/** Samples in the moving average of a signal. The first one counts as three, or paths would be weighed anew with each of the next. */
export const MOST_SAMPLES = 8;
export const FIRST_SAMPLES = 3;
/** The mean is kept in sixteenths of a dB, and told in whole ones once it is by so many away from what was told. */
const STEADY_SIXTEENTHS = 11;

/** The mean in sixteenths of a dBm, 0 none yet, with one more sample, the n-th. */
export function smoothLevel(level: number, sample: number, n: number): number {
  return level === 0 ? 16 * sample : level + Math.floor((16 * sample - level) / n);
}

/** What is told of that mean, in dBm: what was told before while it is about that, or all that goes by it would waver. */
export function steadyRssi(told: number, level: number): number {
  const off = level - 16 * told;
  return off > STEADY_SIXTEENTHS || off < -STEADY_SIXTEENTHS ? (level + 8) >> 4 : told;
}

/** From here on so much is lost (a quarter, and soon half) that several frames in a row are, and the link counts as broken. */
const BREAKING_RSSI = -92;
const MOST_COST = 640;
/** Below this, every link costs the most. */
const LEAST_RSSI = -128;

/** Cost of one hop: 32 on a good link, so that few hops win; steep where frames begin to be lost, up to twenty good ones. */
export function linkCost(rssiDbm: number): number {
  if (rssiDbm >= -70) return 32;
  if (rssiDbm < LEAST_RSSI) return MOST_COST;
  let cost = 32 + (-70 - rssiDbm) * 4;
  if (rssiDbm < PROBATION_RSSI) cost += (PROBATION_RSSI - rssiDbm) * 20;
  if (rssiDbm < BREAKING_RSSI) cost += (BREAKING_RSSI - rssiDbm) * 60;
  return cost > MOST_COST ? MOST_COST : cost;
}

/** The signal to the router counts above all centrality: who hears it best is root (S1-22). */
const LEAST_SIGNAL = -96;
const MOST_STEPS = 63;

/** The router's part of a score; -95 dBm and less are 1, -33 dBm and more 63. */
export function routerShare(rssiDbm: number): number {
  if (rssiDbm >= 0) return 0;
  const step = rssiDbm - LEAST_SIGNAL;
  if (step > MOST_STEPS) return MOST_STEPS << SIGNAL_AT;
  return (step < 1 ? 1 : step) << SIGNAL_AT;
}

/** dBm to the router that a score tells of, 0 for none. */
export function signalOf(score: number): number {
  const step = score >> SIGNAL_AT;
  return step === 0 ? 0 : step + LEAST_SIGNAL;
}

/** Share of one neighbour in a node's centrality: 0 for a hopeless link, 50 for the best. */
export function centralityOf(rssiDbm: number): number {
  const share = 95 + rssiDbm;
  if (share < 1) return 1;
  return share > 50 ? 50 : share;
}
