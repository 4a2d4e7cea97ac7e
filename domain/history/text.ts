/**
 * A file's bytes as text: UTF-8; UTF-16 where its mark says so; Windows-1252 (which old spreadsheets write) where it is not
 * UTF-8 from the first piece on.
 */
export class TextBytes {
  #decoder: TextDecoder | undefined;

  push(bytes: Uint8Array, isLast = false): string {
    this.#decoder ??= new TextDecoder(encodingOf(bytes));
    return this.#decoder.decode(bytes, { stream: !isLast });
  }
}

function encodingOf(head: Uint8Array): string {
  if (head[0] === 0xff && head[1] === 0xfe) return "utf-16le";
  if (head[0] === 0xfe && head[1] === 0xff) return "utf-16be";
  try {
    // The last character may be cut in two: as a stream, that is no fault.
    new TextDecoder("utf-8", { fatal: true }).decode(head, { stream: true });
    return "utf-8";
  } catch {
    return "windows-1252";
  }
}
