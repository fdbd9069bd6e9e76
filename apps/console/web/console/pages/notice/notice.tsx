import { Page } from '../../../kit/parts.js';
import { useShellWords } from '../../shell.words.js';

export default function Notice() {
  const say = useShellWords();
  return <Page title={say('notice')}>{null}</Page>;
}
