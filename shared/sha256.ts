// SHA-256 (FIPS 180-4) without waiting: the Web Crypto call is asynchronous and missing on plain-http pages.

const primes = (() => {
  const found: number[] = [];
  for (let n = 2; found.length < 64; n++) if (found.every((p) => n % p !== 0)) found.push(n);
  return found;
})();

/** The first 32 bits of the fractional part of x. */
const fraction = (x: number) => ((x - Math.floor(x)) * 2 ** 32) | 0;

/** Newton's method in doubles: more than exact enough for 32 bits behind the point, and alike everywhere. */
function root(n: number, degree: 2 | 3): number {
  let x = n;
  for (let i = 0; i < 100; i++) x = ((degree - 1) * x + n / x ** (degree - 1)) / degree;
  return x;
}

const START = Int32Array.from(primes.slice(0, 8), (p) => fraction(root(p, 2)));
const ROUND = Int32Array.from(primes, (p) => fraction(root(p, 3)));

const rotate = (x: number, bits: number) => (x >>> bits) | (x << (32 - bits));

/** The 32 bytes of the digest. */
export function sha256(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const hash = Int32Array.from(START);
  const schedule = new Int32Array(64);
  const whole = bytes.length - (bytes.length % 64);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  for (let at = 0; at < whole; at += 64) block(hash, schedule, view, at);
  // The rest, a 1 bit, zeros, and the length in bits.
  const rest = bytes.length - whole;
  const tail = new DataView(new ArrayBuffer(rest < 56 ? 64 : 128));
  for (let i = 0; i < rest; i++) tail.setUint8(i, bytes[whole + i] as number);
  tail.setUint8(rest, 0x80);
  tail.setUint32(tail.byteLength - 8, Math.floor(bytes.length / 2 ** 29));
  tail.setUint32(tail.byteLength - 4, (bytes.length * 8) >>> 0);
  for (let at = 0; at < tail.byteLength; at += 64) block(hash, schedule, tail, at);
  const digest = new DataView(new ArrayBuffer(32));
  hash.forEach((word, i) => {
    digest.setInt32(4 * i, word);
  });
  return new Uint8Array(digest.buffer);
}

function block(hash: Int32Array, w: Int32Array, view: DataView, at: number): void {
  for (let i = 0; i < 16; i++) w[i] = view.getInt32(at + 4 * i);
  for (let i = 16; i < 64; i++) {
    const [x, y] = [w[i - 15] as number, w[i - 2] as number];
    const s0 = rotate(x, 7) ^ rotate(x, 18) ^ (x >>> 3);
    const s1 = rotate(y, 17) ^ rotate(y, 19) ^ (y >>> 10);
    w[i] = (w[i - 16] as number) + s0 + (w[i - 7] as number) + s1;
  }
  let [a, b, c, d, e, f, g, h] = hash as unknown as [
    number,
    number,
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  for (let i = 0; i < 64; i++) {
    const s1 = rotate(e, 6) ^ rotate(e, 11) ^ rotate(e, 25);
    const t1 = (h + s1 + ((e & f) ^ (~e & g)) + (ROUND[i] as number) + (w[i] as number)) | 0;
    const s0 = rotate(a, 2) ^ rotate(a, 13) ^ rotate(a, 22);
    const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g;
    g = f;
    f = e;
    e = (d + t1) | 0;
    d = c;
    c = b;
    b = a;
    a = (t1 + t2) | 0;
  }
  [a, b, c, d, e, f, g, h].forEach((word, i) => {
    hash[i] = ((hash[i] as number) + word) | 0;
  });
}
