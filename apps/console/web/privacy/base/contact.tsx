import { useBaseWords } from './base.words.js';
import type { Center } from './center.js';

/** How to reach the data protection officer (notice clause 1.7; PDPA s.23(5), GDPR Art. 13(1)(b)). */
export function Contact({ company: { name, officer, address, email, phone } }: { company: Center['company'] }) {
  const say = useBaseWords();
  // A name, where the policy says more than the title.
  const named = officer === null || /^data protection officer$/i.test(officer) ? undefined : officer;
  return (
    <address>
      <p>{[say('officer'), named, name].filter(Boolean).join(', ')}</p>
      {address !== null && <p>{address}</p>}
      {email !== null && (
        <p>
          <a href={`mailto:${email}`}>{email}</a>
        </p>
      )}
      {phone !== null && (
        <p>
          <a href={`tel:${phone.replaceAll(/[ -]/g, '')}`}>{phone}</a>
        </p>
      )}
    </address>
  );
}
