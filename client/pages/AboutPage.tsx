import { useTitle } from './use-title.ts';

const WORDS = [
  [
    'tMem',
    'The first step at which train accuracy reaches the threshold and stays there for three evaluations: the network has memorised its examples.',
  ],
  ['tGen', 'The same for test accuracy, on examples it never saw: the network has found the rule.'],
  ['tau', 'tGen divided by tMem. Grokking is a large tau: generalising long after memorising.'],
  [
    'censored',
    'The run ended before tGen. All that is known is that tGen is later, written "> 1500": not missing, and not 1500.',
  ],
  [
    'diverged',
    'The loss stopped being a number. That is an answer too, and counts as one that never generalises.',
  ],
  [
    'sweep, cell, run',
    'A sweep is a set of configurations with several seeds each. A cell is one configuration, a run is one configuration with one seed, trained once.',
  ],
  [
    'segment',
    'A stretch of a run that one device trained, from one step to another. Most runs have a single one. Where a run changes hands, both devices evaluate it at that step, and the numbers must agree.',
  ],
  ['n', 'How many finished runs a number rests on. It is always shown.'],
] as const;

export default function AboutPage() {
  useTitle('About');
  return (
    <article class="prose">
      <h1>About Tabgrad</h1>
      <p class="lead">
        Some networks first memorise their examples and only much later, sometimes suddenly, learn the rule
        behind them. To know when and why takes thousands of small training runs. Tabgrad spreads them over
        browser tabs and keeps every curve.
      </p>
      <h2>How a result is made</h2>
      <ol>
        <li>
          A researcher posts a sweep: data that says what to train, and nothing that could run code of its
          own.
        </li>
        <li>
          A tab leases a few runs, trains them in a worker on its GPU or CPU, and sends the curves back. A
          long run is trained in segments: a tab hands in the state it got to, and any other goes on from
          there.
        </li>
        <li>Data and initial weights follow from the seed, with the same bits on every device.</li>
        <li>
          The server checks the shape of every curve and derives tMem, tGen and everything else from it.
          Engine names and times are what devices claim, and are marked so.
        </li>
        <li>
          Medians are Kaplan-Meier estimates over all finished seeds, so that runs that are not there yet
          count as "later". Curves are never averaged or smoothed.
        </li>
      </ol>
      <p>
        Results are not yet repeated on a second device before they count. Until they are, read a single run
        with the caution one computer deserves, and a cell by its n.
      </p>
      <h2>What the words mean</h2>
      <dl class="glossary">
        {WORDS.map(([word, meaning]) => (
          <div key={word}>
            <dt>{word}</dt>
            <dd>{meaning}</dd>
          </div>
        ))}
      </dl>
      <h2 id="privacy">What is sent</h2>
      <p>
        Curves, the time a run took, the name of the engine, a random id of this browser, of long runs the
        weights so that another device can go on from them, and a display name if you give one. No files are
        read, nothing is mined, no page of anyone else is loaded. The id is kept in this browser until you
        forget it on the <a href="/run">training page</a>.
      </p>
      <h2>Licence</h2>
      <p>
        Tabgrad is free software under the MIT licence. Its numbers are open as <a href="/api/sweeps">JSON</a>
        , described in the <a href="/api/openapi.json">API document</a>.
      </p>
    </article>
  );
}
