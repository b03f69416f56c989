export const show = {
  seedOf: (run: number, seed: number, cell: string): [before: string, link: string, after: string] => [
    'This is ',
    `seed ${seed} of cell (${cell})`,
    `, run ${run} of the sweep.`,
  ],
  boldIs: (run: number, seed: number, cell: string): [before: string, link: string, after: string] => [
    'Bold is ',
    `seed ${seed} of cell (${cell})`,
    `, run ${run} of the sweep.`,
  ],
  form: { legend: 'How several runs are drawn', lines: 'each run', band: 'bands' },
  cell: 'cell',
  lines: (n: string, isOne: boolean) =>
    `${isOne ? 'The other run is' : `The other ${n} runs are`} thin; each triangle is a milestone of one of them.`,
  band: (runs: string, cell: string) =>
    `${runs} of cell (${cell}): the line is the median, the dark band the middle half, the light band all of them. Each triangle is a milestone of one run.`,
  pop: {
    open: 'Little window',
    close: 'Close the little window',
    title: 'Tabgrad: the runs in hand',
  },
  inside: {
    title: 'Inside the network',
    of: (run: number, step: string) => `Run ${run} at step ${step}, looked at about once a second.`,
    waiting: 'The first look inside comes with the next steps that are trained.',
    idle: 'Nothing is being trained, so there is nothing to look at.',
    choice: 'What to look at',
    tabs: { circle: 'Circle', spectrum: 'Spectrum', weights: 'Weights', masks: 'Masks' },
  },
  noResidues:
    'Neither circle nor spectrum here: they show how a network sees residues, the numbers on the clock of modular arithmetic, and this task has none for it to see. Its weights can be looked at.',
  circle: {
    label: (p: number, frequency: number, share: string) =>
      `The ${p} residues as points along the two directions of frequency ${frequency}, which has ${share} of the power.`,
    power: (frequency: number, share: string) =>
      `Seen along frequency ${frequency}, among the strongest: it has ${share} of the power of all neurons.`,
    shapes: {
      circle: 'The residues lie on a circle, like hours on a clock.',
      beginning: 'A circle is beginning to form.',
      none: 'No circle yet: the residues are a cloud, or this frequency hardly stands out.',
    },
    how: (p: number, frequency: number) =>
      `${p} points, one for each residue, coloured by residue and joined in the order of frequency ${frequency}: after each residue comes the one ${frequency === 1 ? 'that is one more' : `whose product with ${frequency} is one more (mod ${p})`}.`,
    residues: (last: number) => `residue 0 to ${last}`,
    of: {
      embedding: 'Seen in the embedding.',
      input: 'Seen in what the neurons of the first layer weigh each residue with.',
    },
  },
  spectrum: {
    label: (neurons: string, frequencies: string) =>
      `Spectrum of ${neurons} neurons: a row each, over ${frequencies} frequencies; the strongest are told below.`,
    peaks: (told: string) => `Of the power of all neurons: ${told}.`,
    peak: (frequency: number, share: string) => `${share} at frequency ${frequency}`,
    pure: (pure: string, all: string, mean: string) =>
      `${pure} of ${all} neurons have more than half of their own power at a single frequency; on average a neuron has ${mean} there.`,
    down: (neurons: string) => `${neurons} neurons, by their strongest frequency`,
    across: (last: number) => `frequency 1 to ${last}`,
    scale: 'share of a neuron’s power',
  },
  weights: {
    label: (name: string, rows: string, columns: string, least: string, most: string) =>
      `Weights ${name}, ${rows} rows by ${columns} columns, from ${least} to ${most}.`,
    size: (rows: string, columns: string) => `${rows} × ${columns}`,
    thinned: (rows: string, columns: string) => `${rows} × ${columns} evenly spaced ones shown`,
    beyond: (most: string) => `the largest is ${most} from 0`,
    how: 'Rows are what goes in, columns what comes out. Every matrix has its own scale of colour, which ends at the most extreme hundredth of its weights.',
  },
  masks: {
    none: 'Nothing is pruned in this run: every weight is kept.',
    label: (name: string, kept: string) => `Mask of ${name}: ${kept} of its weights are kept.`,
    kept: (kept: string) => `${kept} kept`,
    how: 'Coloured is kept, blank is pruned: a pruned weight stays 0.',
    whole: 'nothing pruned',
  },
};
