// Whole numbers stay whole on their way into bytes, JSON and text; fractions go through rounding or toFixed.
interface Reading {
  millivolts: number;
  percent: number;
}

function scale(raw: number): Reading {
  return { millivolts: Math.trunc((raw * 3300) / 4095), percent: Math.round((raw * 100) / 4095) };
}

function average(values: readonly number[]): number {
  let sum = 0;
  for (const value of values) sum += value;
  return sum / values.length;
}

const reading = scale(2048);
console.log(JSON.stringify(reading), `${reading.millivolts} mV`);
console.log(average([1, 2, 4]).toFixed(3), Math.round(average([1, 2, 4])));
const bytes = new Uint8Array([Math.floor(average([10, 11])), 1]);
bytes[1] = Math.trunc(300 / 7);
console.log(bytes[0], bytes[1]);
