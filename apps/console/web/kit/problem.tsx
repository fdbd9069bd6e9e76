import { Alert, Button } from 'antd';
import type { ProblemError } from './api.js';
import { useKitWords } from './kit.words.js';

/** What went wrong, which fields, and how to mend it. */
export function ProblemAlert({ error, retry }: { error: ProblemError | null; retry?: () => void }) {
  const say = useKitWords();
  if (!error) return null;
  const { status, title, detail, fix, errors = [] } = error.problem ?? { status: 0, title: error.message };
  const away = status === 0;
  return (
    <Alert
      type="error"
      role="alert"
      showIcon
      title={away ? say('unreachable') : (detail ?? title)}
      description={
        <>
          {away ? say('unreachableFix') : fix}
          {errors.length > 0 && (
            <ul>
              {errors.map(({ field, message, fix: how }) => (
                <li key={`${field} ${message}`}>
                  <code>{field}</code>: {message.replace(/\.$/, '')}. {how}
                </li>
              ))}
            </ul>
          )}
        </>
      }
      action={retry && <Button onClick={retry}>{say('retry')}</Button>}
    />
  );
}
