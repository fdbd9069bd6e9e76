import { Link, useParams } from 'react-router';
import { useAnswer } from '../../../kit/answers.js';
import { Loaded, Page, When } from '../../../kit/parts.js';
import { Person } from '../../cells.js';
import { useChoices } from '../../desk/choices.js';
import { Desk } from '../../desk/desk.js';
import { Deadline, Facts, Section } from '../../desk/facts.js';
import { SeenAt } from '../../desk/seen-at.js';
import { holds, useSession } from '../../session.js';
import { RequestActions } from './request-actions.js';
import { RequestDetails } from './request-details.js';
import { RequestHistory } from './request-history.js';
import { Status } from './request-list.js';
import { SparedRows, Tasks } from './request-parts.js';
import { isOpen, type RequestView } from './request.js';
import { useRequestsWords } from './requests.words.js';

export const pathOf = (request: string): string => `/v1/requests/${encodeURIComponent(request)}`;

/** One request. To open it is a look at a person, so it is asked for once. */
export function RequestPage() {
  const { id = '' } = useParams();
  const say = useRequestsWords();
  const choices = useChoices();
  const answer = useAnswer<RequestView>(pathOf(id), {}, { once: true });
  const right = answer.data && choices.title('rights', answer.data.right);
  return (
    <Page
      title={right === undefined ? say('request') : say('requestOf', { right, id: id.slice(0, 8) })}
      extra={<Link to="/requests">{say('back')}</Link>}
    >
      <Loaded answer={answer}>
        {(request) => (
          <Desk>
            <SeenAt answer={answer} />
            <RequestFacts request={request} />
            <RequestActions request={request} />
            <SparedRows title={say('refusedParts')} rows={request.refused} jurisdiction={request.jurisdiction} />
            <SparedRows title={say('keptParts')} rows={request.survivors} jurisdiction={request.jurisdiction} />
            <Tasks request={request} />
            <Wrote request={request} />
            <RequestHistory request={request.request} />
          </Desk>
        )}
      </Loaded>
    </Page>
  );
}

function Wrote({ request }: { request: RequestView }) {
  return holds(useSession(), 'dpo') ? <RequestDetails request={request.request} /> : null;
}

function RequestFacts({ request }: { request: RequestView }) {
  const say = useRequestsWords();
  const choices = useChoices();
  const { right, jurisdiction, channel, needs, duplicateOf, endedAt, result, extendedTo, about } = request;
  const titles = (list: 'purposes' | 'categories', ids: readonly string[]) =>
    ids.length > 0 ? ids.map((id) => choices.title(list, id)).join(', ') : undefined;
  const fields = about.fields.map(({ category, field }) => `${choices.title('categories', category)}: ${field}`);
  return (
    <Section title={say('asked')}>
      <Facts
        of={[
          [say('right'), choices.title('rights', right)],
          [say('law'), choices.citation(right, jurisdiction)],
          [say('purposes'), titles('purposes', about.purposes)],
          [say('channels'), about.channels.length > 0 ? about.channels.join(', ') : undefined],
          [say('categories'), titles('categories', about.categories)],
          [say('toCorrect'), fields.length > 0 ? fields.join(', ') : undefined],
          [say('restrictionGround'), about.ground && say(about.ground)],
          [say('person'), <Person key="person" id={request.subject} />],
          [say('status'), <Status key="status" of={request} />],
          [say('deadline'), <Deadline key="due" due={request.due} lastDay={request.lastDay} over={!isOpen(request)} />],
          [say('extended'), extendedTo && <When time={extendedTo} />],
          [say('waitsFor'), needs.length > 0 ? needs.map((need) => say(need)).join(', ') : undefined],
          [say('identity'), say(request.identity)],
          [say('received'), <When key="received" time={request.receivedAt} />],
          [say('channel'), say(channel)],
          [say('jurisdiction'), choices.title('jurisdictions', jurisdiction)],
          [say('ended'), endedAt && <When time={endedAt} />],
          [say('result'), result && say(result)],
          [
            say('duplicate'),
            duplicateOf && (
              <Link to={`/requests/${duplicateOf}`}>
                <code>{duplicateOf.slice(0, 8)}</code>
              </Link>
            ),
          ],
        ]}
      />
    </Section>
  );
}
