/*
 * Reads multipart/x-mixed-replace out of a fetch() reply: one connection then carries the pictures
 * of any number of cameras, where a browser grants six connections a host.
 */

const MOST_BYTES = 16 * 1024 * 1024;
const decoder = new TextDecoder("latin1");

/* Bytes that came and were not read yet. */
class Unread {
  constructor() {
    this.data = new Uint8Array(1 << 16);
    this.start = 0;
    this.end = 0;
  }

  get length() {
    return this.end - this.start;
  }

  add(bytes) {
    if (this.end + bytes.length > this.data.length) {
      const size = this.length + bytes.length;
      if (size > MOST_BYTES) throw new Error("a part is too large");
      const target = size > this.data.length ? new Uint8Array(size * 2) : this.data;
      target.set(this.data.subarray(this.start, this.end));
      this.data = target;
      this.end = this.length;
      this.start = 0;
    }
    this.data.set(bytes, this.end);
    this.end += bytes.length;
  }

  /* The text up to an empty line, which is taken as well; null when it is not there yet. */
  takeHead() {
    for (let i = this.start; i + 3 < this.end; i++) {
      if (this.data[i] === 13 && this.data[i + 1] === 10 && this.data[i + 2] === 13 &&
          this.data[i + 3] === 10) {
        const text = decoder.decode(this.data.subarray(this.start, i));
        this.start = i + 4;
        return text;
      }
    }
    return null;
  }

  /* A copy of the next bytes; null when they are not there yet. */
  take(length) {
    if (this.length < length) return null;
    const bytes = this.data.slice(this.start, this.start + length);
    this.start += length;
    return bytes;
  }
}

function headersOf(text) {
  const headers = new Map();
  for (const line of text.split("\r\n")) {
    const colon = line.indexOf(":");
    if (colon > 0) headers.set(line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim());
  }
  return headers;
}

/* Calls take(headers, bytes) for each part until the stream ends. */
export async function readParts(response, take) {
  const reader = response.body.getReader();
  const unread = new Unread();
  let headers = null;

  for (;;) {
    const {done, value} = await reader.read();
    if (done) return;
    unread.add(value);
    for (;;) {
      if (!headers) {
        const head = unread.takeHead();
        if (head === null) break;
        headers = headersOf(head);
      }
      const length = Number(headers.get("content-length"));
      if (!(length >= 0 && length <= MOST_BYTES)) throw new Error("a part has no length");
      const bytes = unread.take(length);
      if (bytes === null) break;
      take(headers, bytes);
      headers = null;
    }
  }
}
