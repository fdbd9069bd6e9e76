import { useQuery } from '@tanstack/react-query';
import { useApi } from '../../kit/answers.js';
import { number } from '../../kit/dates.js';
import { useLanguage } from '../../kit/words.js';
import { saveFile } from '../base/save-file.js';
import { Trouble } from '../base/page.js';
import { useConsentWords } from './consents.words.js';
import type { Choice, ProvenReceipt, Standing } from './verify-receipt.js';

interface Got {
  receipt: ProvenReceipt;
  standing: Standing;
}

/** The receipt of a choice (ISO/IEC TS 27560), verified in this browser, to be kept. Asked for once: each time is recorded as a look. */
export function ReceiptOfChoice({ choice }: { choice: Choice }) {
  const say = useConsentWords();
  const api = useApi();
  const language = useLanguage();
  const { id, source } = choice;
  const got = useQuery<Got>({
    queryKey: ['/v1/receipts', source, id],
    queryFn: async () => {
      const receipt = await api.get<ProvenReceipt>(`/v1/receipts/${encodeURIComponent(id)}`, { source });
      const { verifiedHere } = await import('./verify-receipt.js');
      return { receipt, standing: await verifiedHere(receipt, choice) };
    },
    staleTime: Infinity,
  });
  if (got.error) {
    return (
      <>
        <Trouble error={got.error} />
        <Save onSave={() => void got.refetch()} />
      </>
    );
  }
  if (!got.data) return <p className="small">{say('getting')}</p>;
  const { receipt, standing } = got.data;
  const save = () => saveFile(`${say('file')}-${id.slice(0, 8)}.json`, 'application/json', `${JSON.stringify(receipt, null, 2)}\n`);
  return (
    <>
      {standing.stands ? (
        <p className="proved">{say('stands', { position: number(standing.position, language) })}</p>
      ) : (
        <p className="note bad" role="alert">
          {say(standing.because)}
        </p>
      )}
      <Save onSave={save} />
    </>
  );
}

function Save({ onSave }: { onSave: () => void }) {
  const say = useConsentWords();
  return (
    <p>
      <button type="button" onClick={onSave}>
        {say('save')}
      </button>
    </p>
  );
}
