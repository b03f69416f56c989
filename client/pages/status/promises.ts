// The promises that the hourly check looks after, in plain words; docs/promises.md says where each is kept.

export const CHECKED_PROMISES = [
  [
    'P1',
    'No accepted result is lost.',
    'Once a device has been told that its result counts, the result is stored and stays there.',
  ],
  [
    'P2',
    'Nothing counts twice.',
    'A run has one result, however often it was sent and however many devices tried it.',
  ],
  [
    'P3',
    'No work is forgotten.',
    'Every run that was handed out is finished, in somebody’s hands, waiting for a device, or openly given up.',
  ],
  [
    'P4',
    'What is decided stays decided.',
    'A run that was accepted or given up never changes its outcome by itself.',
  ],
  [
    'P5',
    'Credit adds up.',
    'The credit of a volunteer is the credit of the accepted results, no more and no less.',
  ],
] as const;

/** The promise that a found problem is about, such as "P1"; null when it names none. */
export const promiseOf = (problem: string): string | null => /\bP[1-5]\b/.exec(problem)?.[0] ?? null;
