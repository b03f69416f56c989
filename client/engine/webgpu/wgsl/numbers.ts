// Numbers on their way into a shader: whatever a spec says, they stay numbers.

/** A whole number as WGSL writes it. Throws where it does not fit 32 bits. */
export function u(value: number): string {
  if (!Number.isInteger(value) || value < 0 || value > 0xffffffff)
    throw new Error(`${value} is no whole number of 32 bits`);
  return `${value}u`;
}

/** A float32 constant by its bits. */
export function f(value: number): string {
  const bits = new Uint32Array(Float32Array.of(value).buffer)[0] as number;
  if (!Number.isFinite(value) || ((bits >>> 23) & 0xff) === 0xff)
    throw new Error(`${value} is no finite float32`);
  return `bitcast<f32>(${u(bits)})`;
}
