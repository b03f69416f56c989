import demo from '../../../examples/weight-decay-decides.yaml?raw';

/** What the editor starts from. */
export const DEMO: string = demo;
