// Writes docs/figures.md from the committed results of bench/results, so that no figure is typed by hand; with --check only says whether it is fresh.
//   npm run --silent bench -- --json > bench/results/bench.json && npm run --silent chaos -- --json > bench/results/chaos.json && npm run generate
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import prettier from 'prettier';

const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
const file = path.join(root, 'docs/figures.md');
const read = (name) => JSON.parse(fs.readFileSync(path.join(root, 'bench/results', name), 'utf8'));
const figure = new Intl.NumberFormat('en-US', { maximumFractionDigits: 2 });
const number = (value) => figure.format(Math.abs(value) >= 100 ? Math.round(value) : value);

const text = await prettier.format([...heading(), ...measured(read('bench.json')), ...broken(read('chaos.json'))].join('\n'), {
  ...(await prettier.resolveConfig(file)),
  parser: 'markdown',
});
if (!process.argv.includes('--check')) fs.writeFileSync(file, text);
else if (!fs.existsSync(file) || fs.readFileSync(file, 'utf8') !== text) {
  console.error('docs/figures.md is not what bench/results says. Run npm run generate.');
  process.exit(1);
}

function heading() {
  return [
    '# Figures',
    '',
    'What was measured, and what was broken on purpose. Written by `npm run generate` from what these two commands printed, as it was:',
    '',
    '```sh',
    'npm run --silent bench -- --json > bench/results/bench.json',
    'npm run --silent chaos -- --json > bench/results/chaos.json',
    '```',
    '',
  ];
}

function measured({ machine, rows }) {
  const line = ({ name, value, unit, limit, ratio, goal, met }) => [
    name,
    value === null ? 'not run' : `${number(value)} ${unit}`,
    limit === undefined ? '' : number(limit),
    ratio === undefined ? '' : ratio.toFixed(2),
    goal,
    value === null ? '' : met ? 'met' : '**not met**',
  ];
  const notes = rows.flatMap(({ name, notRun, note }) => [notRun, note].flatMap((said) => (said ? [`- ${name}: ${said}`] : [])));
  const met = rows.filter((row) => row.met).length;
  return [
    '## Measured',
    '',
    `${machine}. ${met} of ${rows.length} rows meet their goal.`,
    '',
    ...table(['row', 'ours', 'limit', 'ratio', 'goal', ''], rows.map(line)),
    '',
    ...notes,
    '',
  ];
}

function broken({ seed, rounds, acknowledged, lost, duplicated, verdict }) {
  const rows = rounds.flatMap(({ name, seconds, faults, problems }) =>
    Object.entries(faults).map(([fault, times], at) => [
      at === 0 ? name : '',
      fault,
      number(times),
      at === 0 ? `${number(seconds)} s` : '',
      at === 0 ? (problems.length === 0 ? 'clean' : `**${problems.length} problems**`) : '',
    ]),
  );
  const notes = rounds.flatMap(({ name, notes, problems }) => [...notes, ...problems].map((note) => `- ${name}: ${note}`));
  return [
    '## Broken on purpose',
    '',
    `Seed ${seed}. ${number(acknowledged)} events acknowledged, ${number(lost)} lost, ${number(duplicated)} duplicated: ${verdict}.`,
    '',
    ...table(['round', 'fault', 'times', 'took', 'verdict'], rows),
    '',
    ...notes,
  ];
}

function table(head, rows) {
  const line = (cells) => `| ${cells.map((cell) => String(cell).replaceAll('|', '\\|')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)];
}
