class Reader {
  readonly #view: DataView;
  #at = 0;
  constructor(bytes: Uint8Array) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }
  u8(): number {
    const x = this.#view.getUint8(this.#at);
    this.#at += 1;
    return x;
  }
  u16(): number {
    const x = this.#view.getUint16(this.#at);
    this.#at += 2;
    return x;
  }
  u32(): number {
    const x = this.#view.getUint32(this.#at, true);
    this.#at += 4;
    return x;
  }
  text(): string {
    const n = this.u8();
    let out = '';
    for (let i = 0; i < n; i++) out += String.fromCharCode(this.u8());
    return out;
  }
  get left(): number {
    return this.#view.byteLength - this.#at;
  }
}
const r = new Reader(new Uint8Array([1, 2, 3, 255, 255, 255, 255, 2, 104, 105]));
console.log(r.u8(), r.u16(), r.u32(), r.text(), r.left);
