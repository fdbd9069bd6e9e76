// Writes docs/requests.md from the transitions of the decider; --check only says whether it is fresh. Needs no build.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { fileURLToPath } from 'node:url';

const CHILD = 'ATTESTA_GENERATE_REQUESTS';
if (!process.env[CHILD]) {
  const hooks = new URL('../../../libs/service-kit/scripts/ts-sources.mjs', import.meta.url).href;
  const args = [
    '--conditions=attesta-source',
    '--disable-warning=ExperimentalWarning',
    '--import',
    hooks,
    fileURLToPath(import.meta.url),
    ...process.argv.slice(2),
  ];
  process.exit(spawnSync(process.execPath, args, { stdio: 'inherit', env: { ...process.env, [CHILD]: '1' } }).status ?? 1);
}

const { STATUSES } = await import('../src/request.state.ts');
const { TRANSITIONS } = await import('../src/request.decider.ts');
const prettier = await import('prettier');

/** What each command is. */
const COMMANDS = {
  acknowledge: 'The person is told that the request came, and by when it is done.',
  require: 'The person has to prove who they are, or to say more (8.3).',
  answer: 'They said what was asked.',
  'verify-identity': 'By a code, an account, documents or a trusted controller (7.1).',
  'fail-identity': 'Too many wrong codes, or documents that do not do.',
  extend: 'More time, where the law gives it: until a date that the person is told, with the reason (8.5).',
  accept: 'All of it, or all but categories that are refused on a legal ground.',
  reject: 'On a legal ground of the policy, with the law, the reason and the authority (7.8, 8.6).',
  'answer-task': 'It did its part, holds nothing, or failed.',
  'override-task': 'The part of a system that does not answer is settled by hand.',
  'note-stuck': 'A system is late: the DPO is told.',
  'instruct-erasure':
    'Every system has done its part: retention is to destroy what the ledger itself holds, but for what the law or a hold keeps.',
  fulfil: 'Every system has done its part, and of an erasure the ledger too: its disposal is completed (7.7).',
  withdraw: 'They do not want it any more.',
  'give-up': 'The person does not do what is needed of them.',
  reopen: 'Often on a complaint (7.8). The clock starts anew; who proved who they are need not prove it again.',
  look: 'The clock is looked at: a deadline comes near, or was missed. Every other command looks first.',
};
const FIRST = 'initiated';
/** Mermaid takes no hyphen in the id of a state. */
const id = (status) => status.replaceAll('-', '_');

const commands = Object.entries(TRANSITIONS);
const unsaid = [
  ...commands.map(([kind]) => kind).filter((kind) => !COMMANDS[kind]),
  ...Object.keys(COMMANDS).filter((kind) => !TRANSITIONS[kind]),
];
if (unsaid.length > 0)
  throw new Error(`COMMANDS in scripts/generate-diagram.mjs and TRANSITIONS in the decider differ in: ${unsaid.join(', ')}`);

/** Commands that lead from one status to another, by the two. Only what was required is performed: nothing else leads to action-performed. */
const arrows = new Map();
for (const [kind, { from, to }] of commands)
  for (const end of to.filter((status) => status !== 'same'))
    for (const start of from.filter((status) => end !== 'action-performed' || status === 'requires-action')) {
      const arrow = `${id(start)} --> ${id(end)}`;
      arrows.set(arrow, [...(arrows.get(arrow) ?? []), kind]);
    }

const ends = STATUSES.filter((status) => commands.every(([kind, { from }]) => kind === 'reopen' || !from.includes(status)));
const text = `# Requests

A request of a data subject, as the requests service takes it from its receipt to its end. Made from \`TRANSITIONS\` in
[\`request.decider.ts\`](../apps/requests/src/request.decider.ts) by \`npm run generate\`; statuses are the W3C Data Privacy Vocabulary's (\`RequestInitiated\` and so on), and numbers
are clauses of the notice.

\`\`\`mermaid
stateDiagram-v2
${STATUSES.filter((status) => status !== id(status))
  .map((status) => `  state "${status}" as ${id(status)}`)
  .join('\n')}
  [*] --> ${FIRST}: received
${[...arrows].map(([arrow, kinds]) => `  ${arrow}: ${kinds.join(', ')}`).join('\n')}
${ends.map((status) => `  ${status} --> [*]`).join('\n')}
\`\`\`

A command that a request, as it stands, does not take is refused, with what to do instead.

| command | while the request is | it becomes | what it is |
| --- | --- | --- | --- |
${commands
  .map(([kind, { from, to }]) => {
    const becomes = to.map((status) => (status === 'same' ? 'stays' : status)).join(', or ');
    return `| \`${kind}\` | ${from.join(', ')} | ${becomes} | ${COMMANDS[kind]} |`;
  })
  .join('\n')}
`;

const file = fileURLToPath(new URL('../../../docs/requests.md', import.meta.url));
const made = await prettier.format(text, { ...(await prettier.resolveConfig(file)), parser: 'markdown' });
if (!process.argv.includes('--check')) {
  fs.writeFileSync(file, made);
} else if (!fs.existsSync(file) || fs.readFileSync(file, 'utf8') !== made) {
  process.stderr.write('docs/requests.md is not what the transitions of requests say. Run: npm run generate\n');
  process.exit(1);
}
