const bytes = new Uint8Array(4);
const view = new DataView(new DataView(bytes.buffer) === undefined ? bytes.buffer : bytes.buffer);
console.log(view.byteLength);
