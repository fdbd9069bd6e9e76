import { useAnswer } from '../../../kit/answers.js';
import { Loaded, When } from '../../../kit/parts.js';
import { CopyButton } from '../../../kit/copy-button.js';
import { Named } from '../../cells.js';
import { Tag } from '../../desk/facts.js';
import { Rows } from '../../rows.js';
import { useNoticeWords } from './notice.words.js';

/** `GET /v1/notices` of the consent service. */
interface NoticeRow {
  version: string;
  languages: { language: string; sha256: string | null }[];
  effectiveFrom: string;
  effectiveUntil: string | null;
  current: boolean;
  purposes: string[] | null;
}

export function NoticeVersions() {
  const say = useNoticeWords();
  const answer = useAnswer<{ data: NoticeRow[] }>('/v1/notices', {}, { live: true });
  return (
    <Loaded answer={answer}>
      {({ data }) => (
        <Rows
          caption={say('notices')}
          rows={data}
          keyOf={({ version }) => version}
          columns={[
            {
              title: say('version'),
              cell: ({ version, current }) => (
                <>
                  {version} {current && <Tag tone="good">{say('current')}</Tag>}
                </>
              ),
            },
            { title: say('from'), cell: ({ effectiveFrom }) => <When time={effectiveFrom} /> },
            { title: say('until'), cell: ({ effectiveUntil }) => <When time={effectiveUntil} /> },
            {
              title: say('languages'),
              cell: ({ languages }) =>
                languages.map(({ language, sha256 }) => (
                  <div key={language}>
                    {language}{' '}
                    {sha256 && (
                      <>
                        <code>{sha256}</code> <CopyButton text={sha256} label={`SHA-256, ${language}`} />
                      </>
                    )}
                  </div>
                )),
            },
            { title: say('tells'), cell: ({ purposes }) => (purposes ? <Named kind="purpose" ids={purposes} /> : say('allPurposes')) },
          ]}
        />
      )}
    </Loaded>
  );
}
