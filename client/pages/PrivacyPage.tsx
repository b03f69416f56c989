import type { ComponentChildren } from 'preact';
import { KEPT, type KeptName } from '../storage/kept.ts';
import { belonging } from '../words/belonging.ts';
import { useTitle } from './use-title.ts';

/** What is known of whoever comes here. Every line is of something that the code does; tests find what is missing. */
export default function PrivacyPage() {
  const say = belonging().privacy;
  useTitle(say.title);
  const { short, result, withdraw, cookies } = say;
  return (
    <>
      <div class="page-head">
        <h1>{say.title}</h1>
        <p class="lead">{say.lead}</p>
      </div>
      <section class="prose" aria-labelledby="short">
        <h2 id="short">{short.title}</h2>
        <Points of={[short.nothing, short.press, short.third, short.files]} />
      </section>
      <Here />
      <There />
      <section class="prose" aria-labelledby="result">
        <h2 id="result">{result.title}</h2>
        <p>{result.words}</p>
        <p>{result.not}</p>
      </section>
      <section class="prose" aria-labelledby="cookies">
        <h2 id="cookies">{cookies.title}</h2>
        <p>{cookies.words}</p>
      </section>
      <section class="prose" aria-labelledby="withdraw">
        <h2 id="withdraw">{withdraw.title}</h2>
        <Points
          of={[
            withdraw.pause,
            withdraw.name,
            withdraw.export,
            withdraw.forget,
            withdraw.delete,
            withdraw.left,
          ]}
        />
        <p>
          <a class="button" href="/me">
            {withdraw.page}
          </a>
        </p>
      </section>
    </>
  );
}

const Points = ({ of }: { of: readonly string[] }) => (
  <ul>
    {of.map((words) => (
      <li key={words}>{words}</li>
    ))}
  </ul>
);

function Here() {
  const { here, until, where } = belonging().privacy;
  return (
    <section aria-labelledby="here">
      <h2 id="here">{here.title}</h2>
      <p>{here.help}</p>
      <ul class="things" aria-label={here.table}>
        {(Object.keys(KEPT) as KeptName[]).map((name) => {
          const { in: place, is } = KEPT[name];
          return (
            <Thing key={name} what={here.things[is].what} until={[until, here.things[is].until]}>
              <b>{where}:</b> {here.places[place]}, <code>{name}</code>
            </Thing>
          );
        })}
      </ul>
      <p class="small">{here.tabs}</p>
    </section>
  );
}

function There() {
  const { there, until, who } = belonging().privacy;
  return (
    <section aria-labelledby="there">
      <h2 id="there">{there.title}</h2>
      <ul class="things" aria-label={there.table}>
        {Object.entries(there.things).map(([name, thing]) => (
          <Thing key={name} what={thing.what} until={[until, thing.until]}>
            <b>{who}:</b> {thing.who}
          </Thing>
        ))}
      </ul>
    </section>
  );
}

interface ThingProps {
  what: string;
  until: readonly [name: string, value: string];
  children: ComponentChildren;
}

const Thing = ({ what, until: [name, value], children }: ThingProps) => (
  <li>
    <p>{what}</p>
    <p class="small">
      <b>{name}:</b> {value}
    </p>
    <p class="small">{children}</p>
  </li>
);
