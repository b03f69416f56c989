import type { ComponentChildren } from 'preact';

export type Fact = readonly [name: string, value: ComponentChildren];

/** Names with their values, in a row where there is room. */
export function Facts({ facts, big = false }: { facts: readonly Fact[]; big?: boolean }) {
  return (
    <dl class={big ? 'facts facts-big' : 'facts'}>
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

/** A long digest: its beginning to look at, all of it to copy. */
export function Digest({ hex }: { hex: string | null }) {
  if (hex === null) return <>–</>;
  return (
    <code class="digest" title={hex}>
      {hex}
    </code>
  );
}
