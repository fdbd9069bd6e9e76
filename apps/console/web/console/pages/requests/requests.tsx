import { Page } from '../../../kit/parts.js';
import { useShellWords } from '../../shell.words.js';

export default function Requests() {
  const say = useShellWords();
  return <Page title={say('requests')}>{null}</Page>;
}
