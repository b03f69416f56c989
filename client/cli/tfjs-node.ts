import type { TfjsPlatform } from '../engine/tfjs/engine.ts';

export const NODE_TFJS: TfjsPlatform = {
  registerGradients: () => import('@tensorflow/tfjs'),
  wasmFolder: null,
};
