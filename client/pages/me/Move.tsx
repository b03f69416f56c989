import { useEffect, useState } from 'preact/hooks';
import type { MoveReply } from '../../../shared/volunteers.ts';
import { postMove } from '../../api-me.ts';
import { QrCode } from '../../components/QrCode.tsx';
import { duration } from '../../format.ts';
import { belonging } from '../../words/belonging.ts';
import { Copyable } from './Copyable.tsx';
import { Outcome } from './Outcome.tsx';
import { useAction } from './use-action.ts';

/** Makes a link that carries the volunteer to another device, once. */
export function Move({ token }: { token: string }) {
  const [move, setMove] = useState<MoveReply | null>(null);
  const action = useAction();
  const leftMs = useLeft(move?.expiresAtMs ?? null);
  const say = belonging().me.move;
  const make = () =>
    action.act(async () => {
      setMove(await postMove(token));
      return null;
    });
  const isGood = move !== null && leftMs > 0;
  return (
    <section aria-labelledby="move">
      <h2 id="move">{say.title}</h2>
      <p>{say.help}</p>
      <p class="small">{say.devices}</p>
      {isGood && <MoveLink link={`${location.origin}/me#move=${move.code}`} leftMs={leftMs} />}
      <p role="status">{move !== null && !isGood ? say.over : ''}</p>
      <p>
        <button type="button" class="button" aria-disabled={action.isBusy} onClick={make}>
          {move === null ? say.make : say.again}
        </button>
      </p>
      <Outcome of={action} />
    </section>
  );
}

function MoveLink({ link, leftMs }: { link: string; leftMs: number }) {
  const say = belonging().me.move;
  return (
    <div class="move">
      <QrCode text={link} label={say.qr} />
      <div class="stack">
        <Copyable label={say.link} text={link} help={say.secret} />
        <p class="small">{say.left(duration(Math.ceil(leftMs / MINUTE_MS) * MINUTE_MS))}</p>
      </div>
    </div>
  );
}

const MINUTE_MS = 60_000;

/** Milliseconds until then, told anew every few seconds; 0 afterwards. */
function useLeft(atMs: number | null): number {
  const [nowMs, setNow] = useState(Date.now);
  useEffect(() => {
    if (atMs === null) return;
    setNow(Date.now());
    const timer = setInterval(() => setNow(Date.now()), 5000);
    return () => clearInterval(timer);
  }, [atMs]);
  return atMs === null ? 0 : Math.max(0, atMs - nowMs);
}
