import { Page } from '../../../kit/parts.js';
import { useShellWords } from '../../shell.words.js';

export default function Retention() {
  const say = useShellWords();
  return <Page title={say('retention')}>{null}</Page>;
}
