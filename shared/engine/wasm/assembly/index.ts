export * from './attention.ts';
export { permutedRows } from './batch.ts';
export * from './elementwise.ts';
export * from './layer-norm.ts';
export * from './loss.ts';
export { matmul, packPanels, transposePanels } from './matmul.ts';
export * from './rows.ts';
export { adam, sgd } from './update.ts';
