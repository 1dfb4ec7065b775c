/** Hands a file to the browser's own saving. */
export function save(name: string, content: string | Uint8Array<ArrayBuffer>, type: string): void {
  const url = URL.createObjectURL(new Blob([content], { type }));
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
  // The browser has taken hold of the data once the click was handled.
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}
