import { expect, it } from 'vitest';
import { JobRate, storedRates } from './job-rate.ts';

const CP210X = { usbVendorId: 0x10c4, usbProductId: 0xea60 };
const coded = (code: string): Error => Object.assign(new Error(code), { code });

function storage(): { kept: Map<string, string>; use: () => Pick<Storage, 'getItem' | 'setItem'> } {
  const kept = new Map<string, string>();
  const use = (): Pick<Storage, 'getItem' | 'setItem'> => ({
    getItem: (key) => kept.get(key) ?? null,
    setItem: (key, value) => void kept.set(key, value),
  });
  return { kept, use };
}

it('asks for what the line came down to the last time', () => {
  const memory = storedRates(storage().use);
  const first = new JobRate(memory, CP210X);
  expect(first.asked).toBe(460800);
  first.opened({ baudRate: 115200 });
  first.worked();
  expect(new JobRate(memory, CP210X).asked).toBe(115200);
});
it('asks for what the person chose, within what the bridge can do, and remembers it once it worked', () => {
  const memory = storedRates(storage().use);
  const ch340 = { usbVendorId: 0x1a86, usbProductId: 0x7523 };
  expect(new JobRate(memory, ch340, 921600).asked).toBe(460800);
  const fast = new JobRate(memory, CP210X, 921600);
  expect(fast.asked).toBe(921600);
  fast.opened({ baudRate: 921600 });
  fast.worked();
  expect(new JobRate(memory, CP210X).asked).toBe(921600);
});
it('goes a step down after a failure that a slower line may cure, once a job', () => {
  const { kept, use } = storage();
  const job = new JobRate(storedRates(use), CP210X);
  job.opened({ baudRate: 460800 });
  job.failed(coded('lost-contact'));
  job.failed(coded('lost-contact'));
  expect([...kept]).toEqual([['meshwright-rate-10c4:ea60', '115200']]);
});
it('blames the rate for a failure while changing to it, but not for a board that never answered', () => {
  const { kept, use } = storage();
  const mute = new JobRate(storedRates(use), CP210X);
  mute.stage('connecting');
  mute.failed(coded('noise'));
  expect(kept.size).toBe(0);
  const changing = new JobRate(storedRates(use), CP210X);
  changing.stage('changing-rate');
  changing.failed(coded('lost-contact'));
  expect(kept.size).toBe(1);
});
it('learns nothing from a pulled cable, a refusal or a cancelled job', () => {
  const { kept, use } = storage();
  const job = new JobRate(storedRates(use), CP210X);
  job.opened({ baudRate: 460800 });
  for (const code of ['unplugged', 'refused', 'cancelled']) job.failed(coded(code));
  job.failed(new DOMException('cancelled', 'AbortError'));
  expect(kept.size).toBe(0);
});
it('works without a storage', () => {
  const memory = storedRates(() => {
    throw new DOMException('blocked', 'SecurityError');
  });
  const job = new JobRate(memory, CP210X);
  job.opened({ baudRate: 460800 });
  job.worked();
  expect(new JobRate(memory, CP210X).asked).toBe(460800);
});
