/** What one credit stands for: floating-point operations as specs cost them. Whole credits are granted. */
export const FLOPS_PER_CREDIT = 1e9;
