import { Page } from '../../../kit/parts.js';
import { useShellWords } from '../../shell.words.js';

export default function Overview() {
  const say = useShellWords();
  return <Page title={say('overview')}>{null}</Page>;
}
