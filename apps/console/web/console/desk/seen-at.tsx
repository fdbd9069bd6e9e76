import { Button } from 'antd';
import { dateTime } from '../../kit/dates.js';
import { useLanguage } from '../../kit/words.js';
import { useDeskWords } from './desk.words.js';

interface Asked {
  dataUpdatedAt: number;
  isFetching: boolean;
  refetch: () => unknown;
}

/** When something was looked at that is looked at only when somebody wants to. */
export function SeenAt({ answer: { dataUpdatedAt, isFetching, refetch } }: { answer: Asked }) {
  const say = useDeskWords();
  const language = useLanguage();
  return (
    <p className="as-of">
      {say('seenAt', { time: dateTime(dataUpdatedAt, language) })}{' '}
      <Button loading={isFetching} onClick={() => void refetch()}>
        {say('lookAgain')}
      </Button>
    </p>
  );
}
