import { Page } from '../../../kit/parts.js';
import { useShellWords } from '../../shell.words.js';

export default function Findings() {
  const say = useShellWords();
  return <Page title={say('findings')}>{null}</Page>;
}
