// The volunteer's Web Worker: runs the engine and the loop away from the page, so that neither a busy page nor a
// hidden tab slows the other down.

import { ApiError } from '../http.ts';
import { alone } from '../training-lock.ts';
import { Control } from '../volunteer/control.ts';
import { volunteerThroughFailures } from '../volunteer/engines.ts';
import { tellingHolds } from '../volunteer/holding.ts';
import { browserKeeping } from '../volunteer/keeping-browser.ts';
import { openOffice } from '../volunteer/office.ts';
import { openSocket } from '../volunteer/socket-server.ts';
import { Troubled } from '../volunteer/trouble.ts';
import { transfersOf } from '../volunteer/view.ts';
import { speak } from '../words/index.ts';
import { telling } from '../words/telling.ts';
import { candidatesOf } from './candidates.ts';
import type { FromWorker, Start, ToWorker } from './messages.ts';
import { browserMachine, browserPlatform } from './platform-browser.ts';
import { Selection } from './selection.ts';

const post = (message: FromWorker) => {
  // Copies that nobody else needs.
  const handedOver = message.type === 'view' ? (transfersOf(message.view) as ArrayBuffer[]) : [];
  postMessage(message, { transfer: handedOver });
};

/** What is worked on in this worker. */
interface InHand {
  control: Control;
  /** Measures the engines anew; null until there are some. */
  measure: (() => void) | null;
  /** Speaks to the server as one that may be out of reach; null until it is spoken to. */
  hangUp: (() => void) | null;
}
let inHand: InHand | null = null;

addEventListener('message', ({ data }: MessageEvent<ToWorker>) => {
  if (data.type === 'start') begin(data).catch((error) => post(endedBy(error)));
  else if (inHand) heed(data, inHand);
});

function heed(message: Exclude<ToWorker, Start>, { control, measure, hangUp }: InHand): void {
  if (message.type === 'rule') control.setRule(message.rule);
  else if (message.type === 'prefers') control.prefers = message.prefers;
  else if (message.type === 'show') control.isShown = message.isWanted;
  else if (message.type === 'measure') measure?.();
  else if (message.type === 'online') control.nudge();
  else if (message.type === 'offline') hangUp?.();
  // The other messages are what is done: pause, resume, finish, stop.
  else control[message.type]();
}

async function begin(message: Start): Promise<void> {
  if (inHand && !inHand.control.stopped) return;
  // There from the first moment on: a Stop or a Pause that follows at once is heard.
  const control = new Control();
  const mine: InHand = { control, measure: null, hangUp: null };
  inHand = mine;
  control.prefers = message.prefers;
  control.isShown = message.isShown;
  control.setRule(message.rule);
  await speak(message.language);
  const isAlone = await alone(() => work(message, mine));
  if (isAlone) return;
  const { elsewhere } = telling().mishaps;
  post({ type: 'problem', words: elsewhere, fatal: true, code: null, kind: 'elsewhere' });
}

async function work({ token, deviceId, known }: Start, mine: InHand): Promise<void> {
  const { control } = mine;
  const report = tellingHolds(control, post);
  const office = openOffice({
    ...{ origin: '', identity: { token, deviceId }, report, socket: openSocket('') },
    keeping: browserKeeping,
  });
  mine.hangUp = office.hangUp;
  let last: FromWorker = { type: 'phase', phase: 'stopped', words: telling().stopped };
  try {
    await office.deliveries.open();
    const engines = candidatesOf(browserPlatform());
    const selection = new Selection({ ...engines, machine: await browserMachine(), report });
    mine.measure = () =>
      control.interrupt(async () => {
        await selection.measure();
        report({ type: 'phase', phase: 'training', words: telling().goingOn });
      });
    if (await control.go()) {
      await selection.begin(known);
      await volunteerThroughFailures({ ...office, untilDone: false, control, report, selection });
    }
  } catch (error) {
    last = endedBy(error);
  } finally {
    control.stop();
    await office.close(control);
    if (inHand === mine) inHand = null;
    // The page ends this worker when it hears that.
    report(last);
  }
}

/** What the page is told last where training ends by an error. */
function endedBy(error: unknown): FromWorker {
  const code = error instanceof ApiError ? error.code : null;
  const words = error instanceof Error ? error.message : String(error);
  if (code === 'version') return { type: 'reload', words };
  const kind = error instanceof Troubled && { kind: error.kind };
  return { type: 'problem', words, fatal: true, code, ...kind };
}
