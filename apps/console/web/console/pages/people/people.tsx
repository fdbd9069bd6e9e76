import { Page } from '../../../kit/parts.js';
import { useShellWords } from '../../shell.words.js';

export default function People() {
  const say = useShellWords();
  return <Page title={say('people')}>{null}</Page>;
}
