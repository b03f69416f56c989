import { useState } from 'preact/hooks';
import type { CurveReply } from '../../shared/protocol.ts';
import { amount, percent } from '../format.ts';
import { ScrollBox } from './ScrollBox.tsx';

/** The evaluated points as numbers, for those who cannot or would not read a figure; made when opened. */
export function CurveTable({ curve }: { curve: CurveReply }) {
  const [isOpen, setOpen] = useState(false);
  return (
    <details onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>The curve as a table ({amount(curve.steps.length)} evaluated steps)</summary>
      {isOpen && (
        <ScrollBox label="Curve as a table" isTall>
          <table class="numbers">
            <thead>
              <tr>
                <th scope="col">step</th>
                <th scope="col">train accuracy</th>
                <th scope="col">test accuracy</th>
                <th scope="col">train loss</th>
                <th scope="col">test loss</th>
              </tr>
            </thead>
            <tbody>
              {curve.steps.map((step, i) => (
                <tr key={step}>
                  <th scope="row">{amount(step)}</th>
                  <td>{percent(curve['train.accuracy'][i] ?? null)}</td>
                  <td>{percent(curve['test.accuracy'][i] ?? null)}</td>
                  <td>{curve['train.loss'][i]?.toPrecision(4)}</td>
                  <td>{curve['test.loss'][i]?.toPrecision(4)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </ScrollBox>
      )}
    </details>
  );
}
