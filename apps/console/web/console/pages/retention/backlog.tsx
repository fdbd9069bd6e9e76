import { useAnswer } from '../../../kit/answers.js';
import { number } from '../../../kit/dates.js';
import { Loaded, Nothing, When } from '../../../kit/parts.js';
import { useLanguage } from '../../../kit/words.js';
import { useAddress } from '../../address.js';
import { Chart } from '../../chart.js';
import { useChoices } from '../../desk/choices.js';
import { Facts, Section } from '../../desk/facts.js';
import { SelectField } from '../../desk/fields.js';
import { Rows } from '../../rows.js';
import { monthsOf, type ForecastRow } from './forecast.js';
import { useRetentionWords } from './retention.words.js';

/** `GET /v1/retention/backlog`; counted in lines of the inventory. */
interface BacklogAnswer {
  at: string;
  classes: {
    class: string;
    held: number;
    due: number;
    oldestDue: string | null;
    onHold: number;
    toReview: number;
    disposing: number;
    open: number;
    unruled: number;
  }[];
  disposals: { started: number; instructed: number; completed: number; abandoned: number; oldestOpen: string | null };
}

const COUNTED = ['held', 'due', 'onHold', 'toReview', 'disposing', 'open', 'unruled'] as const;

export function Backlog() {
  const answer = useAnswer<BacklogAnswer>('/v1/retention/backlog', {}, { live: true });
  return (
    <>
      <Loaded answer={answer}>{(backlog) => <Classes backlog={backlog} />}</Loaded>
      <Forecast />
    </>
  );
}

function Classes({ backlog: { classes, disposals } }: { backlog: BacklogAnswer }) {
  const say = useRetentionWords();
  const language = useLanguage();
  const choices = useChoices();
  return (
    <>
      <Section title={say('underWay')}>
        <Facts
          of={[
            [say('started'), number(disposals.started, language)],
            [say('instructed'), number(disposals.instructed, language)],
            [say('oldestOpen'), <When key="oldest" time={disposals.oldestOpen} />],
            [say('completed'), number(disposals.completed, language)],
            [say('abandoned'), number(disposals.abandoned, language)],
          ]}
        />
      </Section>
      <Section title={say('backlogBy')}>
        <p className="as-of">{say('lines')}</p>
        {classes.length === 0 ? (
          <Nothing>{say('noBacklog')}</Nothing>
        ) : (
          <Rows
            caption={say('backlogBy')}
            rows={classes}
            keyOf={(row) => row.class}
            columns={[
              { title: say('class'), cell: (row) => choices.title('retentionClasses', row.class) },
              ...COUNTED.map((name) => ({
                title: say(name),
                cell: (row: BacklogAnswer['classes'][number]) => (
                  <>
                    {number(row[name], language)}
                    {name === 'due' && row.oldestDue !== null && (
                      <>
                        {' '}
                        {say('dueSince')} <When time={row.oldestDue} />
                      </>
                    )}
                  </>
                ),
              })),
            ]}
          />
        )}
      </Section>
    </>
  );
}

const AHEAD = [12, 24, 60, 120] as const;

function Forecast() {
  const say = useRetentionWords();
  const choices = useChoices();
  const [{ months = '12' }, change] = useAddress('months');
  const answer = useAnswer<{ data: ForecastRow[] }>('/v1/retention/forecast', { months }, { live: true });
  return (
    <Section title={say('forecast')}>
      <div className="filters">
        <SelectField
          name="months"
          label={say('months')}
          none={say('monthsShown', { count: 12 })}
          value={months === '12' ? '' : months}
          onChange={({ target }) => change({ months: target.value })}
          options={AHEAD.slice(1).map((count) => ({ value: String(count), label: say('monthsShown', { count }) }))}
        />
      </div>
      <Loaded answer={answer}>
        {({ data }) => {
          const { labels, series } = monthsOf(data, Number(months), new Date());
          return (
            <Chart
              title={say('forecastBy')}
              kind="bar"
              stacked
              heading={say('month')}
              labels={labels}
              series={series.map(({ name, values }) => ({ name: choices.title('retentionClasses', name), values }))}
            />
          );
        }}
      </Loaded>
    </Section>
  );
}
