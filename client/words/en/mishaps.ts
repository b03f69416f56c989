import type { Trouble } from '../../volunteer/trouble.ts';

/** What goes wrong while a device works. What others said of it, an engine or the server, is put in as they said it. */
export const mishaps = {
  notRenewed:
    'The server has a newer version of this page, and loading the page again did not bring it. Please close this tab and open it again in some minutes: what is finished is kept, and sent when you next press Start.',
  notHandedOver:
    'The other tab of this browser did not stop. It may be asleep: bring it to the front or close it, then start here again.',
  ended: (reason: string) => `Training stopped unexpectedly: ${reason}.`,
  notLoaded:
    'What trains could not be loaded, or ended without a reason. Check the connection and load this page again.',
  elsewhere: 'Another tab of this browser is training already.',
  noEngine: (trials: string) => `No engine works here. ${trials}`,
  stoppedWorking: (engine: string, reason: string) => `${engine} stopped working: ${reason}`,
  nextEngine: (what: string) => `${what}. Going on with the next engine`,
  doesNotStart: (runs: number, reason: string, most: number) =>
    `${runs} runs at once do not start (${reason}); trying ${most}`,
  tooSlow: (runs: number, stepMs: number, most: number) =>
    `A step of ${runs} runs takes ${stepMs} ms; training ${most} at once`,
  goingOnFrom: (step: number, reason: string) => `Going on from step ${step}: ${reason}`,

  disputed: (run: number, reason: string) =>
    `Run ${run} cannot be gone on with from where it was left: ${reason}. It is handed back`,
  unsuited: (title: string, reason: string) =>
    `No engine of this device trains "${title}": ${reason}. It is handed back`,
  unusableData: (title: string, reason: string) =>
    `The data of "${title}" are not usable: ${reason}. It is handed back`,
  unusableParent: (title: string, reason: string) =>
    `What "${title}" takes from other runs is not to be had: ${reason}. It is handed back`,

  tryingAgain: (reason: string, _kind: Trouble | null, isKept: boolean, seconds: number) =>
    `${reason}${isKept ? ' Finished work is kept.' : ''} Trying again in ${seconds} s.`,
  foreign: (n: number) =>
    `${n} finished ${n === 1 ? 'result' : 'results'} of a volunteer that this device has forgotten cannot be delivered any more; somebody else will train ${n === 1 ? 'it' : 'them'} again.`,
  stateNotFound: (run: number, step: number) =>
    `Run ${run} up to step ${step} could not be delivered: the server does not find its state. It is kept here and sent when you next start.`,
  undelivered: (n: number) =>
    `${n} finished ${n === 1 ? 'result' : 'results'} could not be delivered yet. ${n === 1 ? 'It is' : 'They are'} kept here and sent when you next start.`,
  lost: (n: number) =>
    `${n} finished ${n === 1 ? 'result' : 'results'} could not be delivered; somebody else will train ${n === 1 ? 'it' : 'them'} again.`,

  damaged: (n: number) =>
    `${n} finished ${n === 1 ? 'result was' : 'results were'} damaged on this device and cannot be sent.`,
  tooMany: (most: number) =>
    `More than ${most} finished results wait for the server; the oldest are dropped.`,
  workNotKept: (reason: string) =>
    `This device does not keep finished work (${reason}). Until it is delivered it lives only as long as this tab or program: leave it open.`,
  runsNotKept:
    'This device does not keep the runs in hand: its storage is full, or switched off. Should this tab or program end unexpectedly, the last minutes of them are trained again.',
};
