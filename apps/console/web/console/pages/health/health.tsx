import { Page } from '../../../kit/parts.js';
import { useShellWords } from '../../shell.words.js';

export default function Health() {
  const say = useShellWords();
  return <Page title={say('health')}>{null}</Page>;
}
