import { amount } from '../format.ts';

interface ReasonsProps {
  reasons: readonly { reason: string; volunteers: number }[];
}

/** Why work was given up, and how many said so. */
export function Reasons({ reasons }: ReasonsProps) {
  return (
    <ul class="problems">
      {reasons.map(({ reason, volunteers }) => (
        <li key={reason}>
          {reason}
          {volunteers > 1 && <span class="small"> ({amount(volunteers)} volunteers)</span>}
        </li>
      ))}
    </ul>
  );
}
