import type { ConsentRecord } from '@attesta/decisions';
import { toBase64 } from '@attesta/proof';
import { nodePrimitives } from '@attesta/proof/node';
import type { Cli } from './options.js';
import { checkReceipt, type ReceiptReport } from './receipt-check.js';
import { readReceipt } from './receipt-file.js';
import { count, plain, type Screen } from './screen.js';

/** `attesta verify receipt.json`: a consent receipt with its proof. */
export function verifyReceipt(file: string, key: string | undefined, json: true | undefined, { screen, terminal, exit }: Cli): void {
  const report = checkReceipt(nodePrimitives, readReceipt(terminal.cwd, file), key);
  if (json) screen.json(asJson(report));
  else describe(report, screen);
  exit(report.ok ? 0 : 1);
}

function describe({ ok, checkpoint, position, record, problems, keyFrom, key }: ReceiptReport, screen: Screen): void {
  screen.print(screen.paint(ok ? 'good' : 'bad', ok ? 'VERIFIED' : 'NOT VERIFIED'));
  if (record) facts(record).forEach((line) => screen.print(plain(line)));
  if (checkpoint)
    screen.print(`Log: ${plain(checkpoint.origin)}, ${count(checkpoint.size, 'entry', 'entries')}, root ${toBase64(checkpoint.root)}`);
  if (ok) screen.print(`Proved: the choice stands at position ${position} of this log, and the receipt says what was sealed there.`);
  problems.forEach((problem) => screen.print(`Wrong: ${plain(problem)}`));
  screen.print();
  screen.print('This check trusts:');
  if (keyFrom === 'caller') screen.print(`- the key you gave: ${plain(key)}`);
  else {
    screen.print(
      `- the key that came in the receipt itself${key === undefined ? '' : `: ${plain(key)}`}. Whoever made the receipt could have made that key too. Compare it with the log's key as you know it from elsewhere, or run again with --key <line>.`,
    );
  }
  screen.print('- SHA-256 and Ed25519, and the program that runs this check.');
  screen.print(
    'It does not cover the number and date of the receipt, nor what lies under "informative": titles, the policy, and where the',
  );
  screen.print('consent stands by now. A later choice cannot be seen from here.');
}

const CHOSE: Readonly<Record<string, string>> = {
  ConsentGiven: 'gave consent',
  ConsentRefused: 'refused consent',
  ConsentWithdrawn: 'withdrew consent',
  ConsentRevoked: 'consent was revoked',
  ConsentRequested: 'was asked for consent',
  ConsentRequestDeferred: 'put the choice off',
};

/** What is proved, a line each. */
function facts({ metadata, processing, event: [event] }: ConsentRecord): string[] {
  const { privacy_notice, language, purposes } = processing;
  const [first] = purposes;
  const kinds = first?.pii_information.map(({ pii_type }) => pii_type).join(', ');
  const by = event.entity_role === 'subject' ? '' : `, by the ${event.entity_role}`;
  return [
    `Who: ${metadata.pii_principal_id} (a pseudonym)${by}`,
    `What: ${CHOSE[event.event_state]}${event.event_type === 'ExplicitlyExpressedConsent' ? ', explicitly' : ''}`,
    `To: ${purposes.map(({ purpose }) => purpose).join(', ')}`,
    `Data: ${kinds === '*' ? 'whatever the notice names' : kinds}`,
    ...(first?.channels ? [`Channels: ${first.channels.length > 0 ? first.channels.join(', ') : 'none'}`] : []),
    `When: ${event.event_time}, sealed ${metadata.recorded_at}`,
    `Valid: ${event.validity_duration === 'indefinite' ? 'until the person chooses otherwise' : `for ${event.validity_duration}`}`,
    `How: ${event.indication_method}`,
    `Notice: version ${privacy_notice.version}, in ${language}${privacy_notice.wording_digest ? `, wording ${privacy_notice.wording_digest}` : ''}`,
  ];
}

function asJson({ checkpoint, ...report }: ReceiptReport): Record<string, unknown> {
  const head = checkpoint && { origin: checkpoint.origin, size: checkpoint.size, root: toBase64(checkpoint.root) };
  return { ...report, ...(head && { checkpoint: head }) };
}
