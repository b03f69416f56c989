/** Mean cross-entropy and accuracy of a classifier over some rows. */
export interface Classification {
  loss: number;
  accuracy: number;
}

/**
 * Loss and accuracy from logits [rows, classes], in double precision. The loss is computed from the other classes'
 * share, ln(1 + sum of exp(z_k - z_true)), so that it keeps falling where 1 - p would round to 0. A row counts as
 * right when its class has the largest logit; a tie counts as wrong. A logit that is not finite makes both NaN.
 */
export function classification(
  logits: Float32Array,
  targets: ArrayLike<number>,
  classes: number,
): Classification {
  let loss = 0;
  let right = 0;
  for (let row = 0; row < targets.length; row++) {
    const start = row * classes;
    const own = logits[start + (targets[row] as number)] as number;
    let rival = Number.NEGATIVE_INFINITY;
    let areFinite = true;
    for (let k = 0; k < classes; k++) {
      const logit = logits[start + k] as number;
      areFinite &&= Number.isFinite(logit);
      if (k !== targets[row]) rival = Math.max(rival, logit);
    }
    if (!areFinite) return { loss: Number.NaN, accuracy: Number.NaN };
    let others = 0;
    for (let k = 0; k < classes; k++) {
      if (k !== targets[row]) others += Math.exp((logits[start + k] as number) - rival);
    }
    const lead = own - rival;
    loss += lead > 0 ? Math.log1p(others * Math.exp(-lead)) : Math.log(Math.exp(lead) + others) - lead;
    if (lead > 0) right++;
  }
  return { loss: loss / targets.length, accuracy: right / targets.length };
}
