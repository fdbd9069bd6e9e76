import { Page } from '../../../kit/parts.js';
import { useShellWords } from '../../shell.words.js';

export default function Exports() {
  const say = useShellWords();
  return <Page title={say('exports')}>{null}</Page>;
}
