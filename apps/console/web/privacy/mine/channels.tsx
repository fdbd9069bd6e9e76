import { Act } from '../base/act.js';
import { inForce, type ConsentStatus } from './choice.js';
import type { useChoose } from './choose.js';
import { useConsentWords } from './consents.words.js';

interface Props {
  channels: Record<string, ConsentStatus>;
  choose: ReturnType<typeof useChoose>;
  title: string;
  canGive: boolean;
}

const NAMED = ['email', 'sms', 'voice', 'push', 'letter', 'line', 'fax', 'parcel'] as const;

/** The same for one way to reach the person. */
export function Channels({ channels, choose, title, canGive }: Props) {
  const say = useConsentWords();
  const nameOf = useChannelName();
  return (
    <details>
      <summary>{say('byChannel')}</summary>
      <ul className="channels">
        {Object.entries(channels).map(([channel, status]) => {
          const act = inForce(status) ? 'withdrawn' : 'given';
          return (
            <li key={channel}>
              <span>
                <strong>{nameOf(channel)}</strong>: {say(`status-${status}`)}
              </span>
              {(act === 'withdrawn' || canGive) && (
                <Act
                  aria-label={say('named', { act: say(act), purpose: `${title}, ${nameOf(channel)}` })}
                  busy={choose.isPending}
                  onClick={() => choose.mutate({ status: act, channels: [channel] })}
                >
                  {say(act)}
                </Act>
              )}
            </li>
          );
        })}
      </ul>
    </details>
  );
}

/** How a channel is called; by its id where only the policy knows it. */
export function useChannelName(): (channel: string) => string {
  const say = useConsentWords();
  return (channel) => {
    const known = NAMED.find((one) => one === channel);
    return known ? say(known) : channel;
  };
}
