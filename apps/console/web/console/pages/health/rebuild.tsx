import { number } from '../../../kit/dates.js';
import { Loaded, When } from '../../../kit/parts.js';
import { useLanguage } from '../../../kit/words.js';
import { Action } from '../../desk/desk.js';
import { Facts, Section, Tag } from '../../desk/facts.js';
import { SelectField } from '../../desk/fields.js';
import { textOf } from '../../desk/form.js';
import { Rows } from '../../rows.js';
import { holds, useSession } from '../../session.js';
import { Compared } from './digests.js';
import { useHealthWords } from './health.words.js';
import { usePolled } from './polled.js';

const PATH = '/ops/audit/rebuild';

/** `GET /ops/audit/rebuild`. */
interface RebuildView {
  state: 'none' | 'filling' | 'done' | 'differs' | 'given-up';
  beganAt: string | null;
  endedAt: string | null;
  position: number | null;
  target: number | null;
  percent: number | null;
  entriesPerSecond: number | null;
  compared: {
    position: number;
    present: Record<string, string>;
    rebuilt: Record<string, string>;
    differing: { register: string; position: number | null }[];
  } | null;
}

const TONES = { none: 'plain', filling: 'warn', done: 'good', differs: 'bad', 'given-up': 'plain' } as const;

/** A second set of registers that is filled from the log, and takes the place of the present one. */
export function Rebuild() {
  const say = useHealthWords();
  const isOperator = holds(useSession(), 'operator');
  const answer = usePolled<RebuildView>(PATH);
  return (
    <Section title={say('rebuild')} extra={isOperator && answer.data && <Buttons state={answer.data.state} />}>
      <Loaded answer={answer}>
        {(view) => (
          <>
            <Progress view={view} />
            {view.compared && <BothSets of={view.compared} />}
          </>
        )}
      </Loaded>
    </Section>
  );
}

function Progress({ view: { state, beganAt, endedAt, position, target, percent, entriesPerSecond } }: { view: RebuildView }) {
  const say = useHealthWords();
  const language = useLanguage();
  return (
    <Facts
      of={[
        [
          say('state'),
          <Tag key="state" tone={TONES[state]}>
            {say(state === 'differs' ? 'state-differs' : state)}
          </Tag>,
        ],
        [say('began'), beganAt && <When time={beganAt} />],
        [say('ended'), endedAt && <When time={endedAt} />],
        [
          say('progress'),
          percent !== null && state === 'filling' ? (
            <>
              <progress aria-label={say('progress')} max={100} value={percent} />{' '}
              {say('progressOf', { percent, position: number(position ?? 0, language), target: number(target ?? 0, language) })}
            </>
          ) : undefined,
        ],
        [say('rate'), entriesPerSecond === null ? undefined : number(entriesPerSecond, language)],
      ]}
    />
  );
}

function BothSets({ of: { position, present, rebuilt, differing } }: { of: NonNullable<RebuildView['compared']> }) {
  const say = useHealthWords();
  return (
    <>
      <h3>{say('comparedAt', { position })}</h3>
      <Rows
        caption={say('comparedAt', { position })}
        rows={Object.keys(present)}
        keyOf={(name) => name}
        columns={[
          { title: say('register'), cell: (name) => name },
          { title: say('present'), cell: (name) => <code>{present[name]}</code> },
          { title: say('rebuilt'), cell: (name) => <Compared equal={present[name] === rebuilt[name]} other={rebuilt[name]} /> },
          { title: say('position'), cell: (name) => differing.find(({ register }) => register === name)?.position ?? '—' },
        ]}
      />
    </>
  );
}

function Buttons({ state }: { state: RebuildView['state'] }) {
  const say = useHealthWords();
  const again = [PATH, '/ops/audit/progress', '/ops/audit/digest'];
  return (
    <span className="buttons">
      {state !== 'filling' && (
        <Action
          label={say('start')}
          title={say('startTitle')}
          says={<p>{say('startSays')}</p>}
          act={(api, form) => api.post(PATH, { onDifference: textOf(form, 'onDifference') ?? 'keep' })}
          again={again}
          done={say('startDone')}
        >
          <SelectField
            name="onDifference"
            label={say('onDifference')}
            none={say('keep')}
            options={[{ value: 'swap', label: say('swap') }]}
          />
        </Action>
      )}
      {(state === 'filling' || state === 'differs') && (
        <Action
          label={say('giveUp')}
          title={say('giveUpTitle')}
          says={<p>{say('giveUpSays')}</p>}
          kind="danger"
          act={(api) => api.delete(PATH)}
          again={again}
          done={say('giveUpDone')}
        />
      )}
    </span>
  );
}
