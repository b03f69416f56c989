// What a processor's thread does at best.

import type { Peaks } from '../../../shared/engine/engine.ts';
import { perSecond } from '../rate.ts';

/** Enough of them that no result is waited for; what one more register holds is added and multiplied with. */
const CHAINS = 10;
const FLOPS_PER_TURN = CHAINS * 4 * 2;

/**
 * A module with one function: so many turns, in each of which every chain of four numbers is multiplied and added to once.
 * Numbers go towards 1, so that none becomes too small to be computed quickly.
 */
export function multiplyAdd(): Uint8Array<ArrayBuffer> {
  const [TURNS, X] = [0, 1];
  const chains = Array.from({ length: CHAINS }, (_, i) => X + 1 + i);
  const local = { get: 0x20, set: 0x21, tee: 0x22 };
  const [MUL, ADD] = [
    [0xfd, 0xe6, 0x01],
    [0xfd, 0xe4, 0x01],
  ] as const;
  const splat = (at: number, float: number) => [0x43, 0, 0, float, 0x3f, 0xfd, 0x13, local.set, at];
  const step = (at: number) => [
    ...[local.get, at, local.get, X, ...MUL, local.get, X, ...ADD, local.set, at],
  ];
  const code = [
    // 0.5, and another number near it for each chain.
    ...splat(X, 0),
    ...chains.flatMap((at) => splat(at, at)),
    ...[0x03, 0x40, ...chains.flatMap(step)],
    ...[local.get, TURNS, 0x41, 1, 0x6b, local.tee, TURNS, 0x0d, 0, 0x0b],
    ...[local.get, X, ...chains.flatMap((at) => [local.get, at, ...ADD]), 0xfd, 0x1f, 0],
    0x0b,
  ];
  const body = [1, ...leb(1 + CHAINS), 0x7b, ...code];
  const section = (id: number, ...content: number[]) => [id, ...leb(content.length), ...content];
  return Uint8Array.of(
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    // (i32) -> f32, once, under the name "f".
    ...section(1, 1, 0x60, 1, 0x7f, 1, 0x7d),
    ...section(3, 1, 0),
    ...section(7, 1, 1, 0x66, 0, 0),
    ...section(10, 1, ...leb(body.length), ...body),
  );
}

/** A whole number as the format writes it. */
const leb = (n: number): number[] => (n < 128 ? [n] : [(n % 128) + 128, ...leb(Math.floor(n / 128))]);

/** The peaks of the thread that asks, which it keeps busy for about a quarter of a second; copies so many bytes. */
export async function threadPeaks(bytes: number): Promise<Peaks> {
  const { instance } = await WebAssembly.instantiate(multiplyAdd());
  const turn = instance.exports.f as (turns: number) => number;
  const [source, target] = [new Uint8Array(bytes).fill(1), new Uint8Array(bytes)];
  const copy = (times: number) => {
    for (let i = 0; i < times; i++) target.set(source);
  };
  const [turns, copies] = [await perSecond(turn), await perSecond(copy)];
  // Each is read and written.
  return { flopsPerSecond: FLOPS_PER_TURN * turns, bytesPerSecond: 2 * bytes * copies };
}
