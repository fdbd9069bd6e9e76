import { useBaseWords } from './base.words.js';
import { Page } from './page.js';

export function NotFound() {
  const say = useBaseWords();
  return (
    <Page title={say('notFound')}>
      <p>{say('notFoundHelp')}</p>
    </Page>
  );
}

/** Something that should not have happened: what it was is of no use to whoever is here. */
export function Broken() {
  const say = useBaseWords();
  return (
    <Page title={say('broken')}>
      <p role="alert">{say('brokenHelp')}</p>
    </Page>
  );
}
