import { Page } from '../../../kit/parts.js';
import { useShellWords } from '../../shell.words.js';

export default function Search() {
  const say = useShellWords();
  return <Page title={say('search')}>{null}</Page>;
}
