import { Button, Result } from 'antd';
import { useShellWords } from './shell.words.js';

/** Nobody could be logged in. */
export function FailedToStart({ error }: { error: unknown }) {
  const say = useShellWords();
  return (
    <main>
      <Result
        status="error"
        title={say('noLogin')}
        subTitle={error instanceof Error ? error.message : undefined}
        extra={
          <Button type="primary" href="/console/">
            {say('again')}
          </Button>
        }
      />
    </main>
  );
}
