// Child process: loads .mpy modules into fresh MicroPython machines and measures them.
// stdin: JSON {rounds, programs: [{name, mpy: base64}]}, stdout: JSON [{heapBytes, runMs, result}].
import { loadMicroPython } from '@micropython/micropython-webassembly-pyscript/micropython.mjs';

let text = '';
for await (const chunk of process.stdin) text += chunk;
const { rounds, programs } = JSON.parse(text);

const median = (values) => [...values].sort((a, b) => a - b)[values.length >> 1];
const results = [];
try {
  for (const { name, mpy } of programs) {
    let output = '';
    const machine = await loadMicroPython({ stdout: (line) => (output += line) });
    machine.FS.writeFile(`/${name}.mpy`, Buffer.from(mpy, 'base64'));
    const allocated = () => {
      machine.runPython('gc.collect()'); // collected when the call returns
      output = '';
      machine.runPython('print(gc.mem_alloc())');
      return Number(output);
    };
    machine.runPython('import gc, collections, struct');
    allocated();
    const before = allocated();
    machine.runPython(`import ${name}`);
    const heapBytes = allocated() - before;
    output = '';
    machine.runPython(`print(${name}.run())`);
    const result = output;
    const times = [];
    for (let round = 0; round < rounds; round++) {
      const from = process.cpuUsage();
      machine.runPython(`for _ in range(50):\n ${name}.run()`);
      const used = process.cpuUsage(from);
      times.push((used.user + used.system) / 50_000);
    }
    results.push({ heapBytes, runMs: median(times), result });
  }
} catch (error) {
  process.stderr.write(`${error.message}\n`);
  process.exit(1);
}
process.stdout.write(JSON.stringify(results));
process.exit(0);
