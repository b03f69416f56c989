import type { SweepReply } from '../../../shared/protocol.ts';
import { Reasons } from '../../components/Reasons.tsx';
import { ScrollBox } from '../../components/ScrollBox.tsx';
import { rangesWords } from '../../format.ts';

interface GivenUpProps {
  sweepId: string;
  failed: SweepReply['sweep']['failed'];
}

/** As many as the server tells of. */
const TOLD_MAX = 100;
/** Longer tables scroll by themselves. */
const TALL = 12;

/** Units that nobody could finish, with what the devices said. */
export function GivenUp({ sweepId, failed }: GivenUpProps) {
  return (
    <section aria-labelledby="given-up">
      <h2 id="given-up">Units that were given up</h2>
      <p class="small">
        A unit is some runs that a device leases together. These ended without a result; their runs count as
        failed and are in no median. The sweep's researcher can have them handed out again, below.
        {failed.length >= TOLD_MAX && ` The first ${TOLD_MAX} are:`}
      </p>
      <ScrollBox label="Table of units that were given up" isTall={failed.length > TALL}>
        <table class="numbers">
          <thead>
            <tr>
              <th scope="col">runs</th>
              <th scope="col" class="is-words">
                reasons
              </th>
            </tr>
          </thead>
          <tbody>
            {failed.map(({ runs, reasons }) => (
              <tr key={runs[0]}>
                <th scope="row">
                  <a href={`/sweeps/${sweepId}/runs/${runs[0]}`}>{rangesWords(runs)}</a>
                </th>
                <td class="is-words is-sentence">
                  <Reasons reasons={reasons} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </ScrollBox>
    </section>
  );
}
