// Child process: runs .mpy modules in MicroPython's WebAssembly port, a fresh machine for each program.
// stdin: JSON [{modules: [{name, mpy: base64}], entry}], stdout: JSON [{output, error}].
import { loadMicroPython } from '@micropython/micropython-webassembly-pyscript/micropython.mjs';

let text = '';
for await (const chunk of process.stdin) text += chunk;

const results = [];
for (const program of JSON.parse(text)) {
  let output = '';
  const decoder = new TextDecoder();
  const machine = await loadMicroPython({
    linebuffer: false,
    stdout: (bytes) => {
      output += decoder.decode(bytes, { stream: true });
    },
  });
  for (const { name, mpy } of program.modules) {
    machine.FS.writeFile(`/${name}.mpy`, Buffer.from(mpy, 'base64'));
  }
  let error = '';
  try {
    machine.runPython(`import ${program.entry}`);
  } catch (caught) {
    error = caught.message;
  }
  results.push({ output: output.replaceAll('\r\n', '\n'), error });
}
process.stdout.write(JSON.stringify(results));
process.exit(0);
