export const plot = {
  metricAxis: 'Shown on the vertical axis',
  metrics: { accuracy: 'accuracy', loss: 'loss' },
  train: (metric: string) => `train ${metric}`,
  test: (metric: string) => `test ${metric}`,
  at: 'at step',
  median: 'median of',
  read: 'Read the curve, step by step',
  reading: (step: string, train: string, test: string) => `step ${step}: train ${train}, test ${test}`,
  failed: 'The drawing could not be loaded.',
  again: 'Load it again',
};
