import { Page } from '../../../kit/parts.js';
import { useShellWords } from '../../shell.words.js';

export default function Registers() {
  const say = useShellWords();
  return <Page title={say('registers')}>{null}</Page>;
}
