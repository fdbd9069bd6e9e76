import { Link } from 'react-router';
import { useAnswer } from '../../../kit/answers.js';
import { withParams } from '../../../kit/api.js';
import { Loaded, Nothing, Page, When } from '../../../kit/parts.js';
import { Action, Desk } from '../../desk/desk.js';
import { ReasonField, TextField } from '../../desk/fields.js';
import { textOf } from '../../desk/form.js';
import { Rows } from '../../rows.js';
import { useRequestsWords } from './requests.words.js';

interface Mail {
  /** SHA-256 of the message. */
  mail: string;
  receivedAt: string;
}

/** Mails that nobody but a person can make a request of. */
export function MailList() {
  const say = useRequestsWords();
  const answer = useAnswer<{ data: Mail[] }>('/v1/mail', {}, { live: true });
  return (
    <Page title={say('mailList')} extra={<Link to="/requests/new">{say('record')}</Link>}>
      <Desk>
        <p>{say('mailSays')}</p>
        <Loaded answer={answer}>
          {({ data }) =>
            data.length === 0 ? (
              <Nothing>{say('noMails')}</Nothing>
            ) : (
              <Rows
                caption={say('mailList')}
                rows={data}
                keyOf={({ mail }) => mail}
                columns={[
                  { title: say('received'), cell: ({ receivedAt }) => <When time={receivedAt} /> },
                  { title: say('mail'), cell: ({ mail }) => <code>{mail.slice(0, 12)}</code> },
                  {
                    title: say('actions'),
                    cell: ({ mail }) => (
                      <div className="buttons">
                        <Read mail={mail} />
                        <Settle mail={mail} />
                      </div>
                    ),
                  },
                ]}
              />
            )
          }
        </Loaded>
      </Desk>
    </Page>
  );
}

function Read({ mail }: { mail: string }) {
  const say = useRequestsWords();
  return (
    <Action
      label={say('download')}
      title={say('downloadTitle')}
      says={<p>{say('downloadSays')}</p>}
      act={(api, form) => api.download(withParams(`/v1/mail/${mail}`, { reason: textOf(form, 'reason') }), `mail-${mail.slice(0, 12)}.eml`)}
      done={say('downloaded')}
    >
      <ReasonField label={say('lookReason')} />
    </Action>
  );
}

/** Off the list: a message of which a request was made is kept with it, any other is destroyed. */
function Settle({ mail }: { mail: string }) {
  const say = useRequestsWords();
  return (
    <Action
      label={say('settleMail')}
      title={say('settleMailTitle')}
      says={<p>{say('settleMailSays')}</p>}
      act={(api, form) => api.post(`/v1/mail/${mail}/settle`, { reason: textOf(form, 'reason'), request: textOf(form, 'request') })}
      again={['/v1/mail']}
      done={say('mailSettled')}
    >
      <TextField name="request" label={say('madeOfIt')} help={say('madeOfItHelp')} maxLength={36} autoComplete="off" />
      <ReasonField label={say('settleMailReason')} />
    </Action>
  );
}
