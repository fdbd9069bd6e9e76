import { Page } from '../../../kit/parts.js';
import { useShellWords } from '../../shell.words.js';

export default function Breaches() {
  const say = useShellWords();
  return <Page title={say('breaches')}>{null}</Page>;
}
