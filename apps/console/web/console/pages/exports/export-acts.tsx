import { useMutation } from '@tanstack/react-query';
import { Button } from 'antd';
import { useApi } from '../../../kit/answers.js';
import type { ProblemError } from '../../../kit/api.js';
import { ProblemAlert } from '../../../kit/problem.js';
import { Action } from '../../desk/desk.js';
import { fileOf, isUnfinished, type ExportView } from './export-view.js';
import { useExportWords } from './exports.words.js';

/** Take it, stop it, or remove it. */
export function ExportActs({ of: view }: { of: ExportView }) {
  const say = useExportWords();
  const api = useApi();
  const path = `/v1/exports/${view.id}`;
  const download = useMutation<void, ProblemError>({ mutationFn: () => api.download(`${path}/file`, fileOf(view)) });
  const [label, says, done] = isUnfinished(view)
    ? ([say('cancel'), say('cancelSays'), say('cancelled')] as const)
    : ([say('remove'), say('removeSays'), say('removed')] as const);
  return (
    <>
      <div className="buttons">
        {view.state === 'done' && (
          <Button type="primary" loading={download.isPending} onClick={() => download.mutate()}>
            {say('download')}
          </Button>
        )}
        <Action label={label} says={says} kind="danger" act={(one) => one.delete(path)} done={done} again={['/v1/exports']} />
      </div>
      {view.sha256 !== null && (
        <details>
          <summary>{say('digest')}</summary>
          <code>{view.sha256}</code>
        </details>
      )}
      <ProblemAlert error={download.error} />
    </>
  );
}
