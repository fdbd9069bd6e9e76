// Compiles the messages in templates/ to templates/generated/*.html, and writes docs/messages.md. Needs no build.
// With --check nothing is written: exits 1 if a committed file is not what the sources give.
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const CHILD = 'ATTESTA_BUILD_TEMPLATES';
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

const { DEFINITIONS, LANGUAGES } = await import('../src/template-definitions.ts');
const { escaped, letterOf, mjmlOf, parseFrame, parseSource } = await import('../src/template-source.ts');
const { Templates } = await import('../src/templates.ts');
const { default: mjml2html } = await import('mjml');
const { default: prettier } = await import('prettier');
const { default: yaml } = await import('yaml');

const templates = fileURLToPath(new URL('../templates/', import.meta.url));
const generated = path.join(templates, 'generated');
const docs = fileURLToPath(new URL('../../../docs/messages.md', import.meta.url));
const policyFile = new URL('../../../policies/m-med.yaml', import.meta.url);
const isCheck = process.argv.includes('--check');

/**
 * After the preheader mail programs would show the beginning of the letter, which nobody else is to see: what they show is filled up with
 * characters that take room and cannot be seen.
 */
const FILLER = '&#847;&zwnj;&nbsp;'.repeat(120);

const layout = read('layout.mjml');
const style = await prettier.resolveConfig(docs);
const stale = [];

const names = Object.keys(DEFINITIONS).flatMap((id) => LANGUAGES.map((language) => ({ language, name: `${id}.${language}` })));
for (const { language, name } of names) await write(path.join(generated, `${name}.html`), await htmlOf(name, language));
for (const file of fs.readdirSync(generated)) {
  if (names.some(({ name }) => file === `${name}.html`)) continue;
  if (isCheck) stale.push(path.join(generated, file));
  else fs.rmSync(path.join(generated, file));
}
if (stale.length === 0) await write(docs, await messagesPage());

for (const file of stale) process.stderr.write(`${file} is not what the sources of the messages give. Run: npm run generate\n`);
process.exitCode = stale.length > 0 ? 1 : 0;

async function htmlOf(name, language) {
  const source = parseSource(read(`${name}.md`));
  const frame = parseFrame(read(`frame.${language}.md`));
  const parts = {
    language,
    subject: escaped(source.subject),
    preheader: escaped(frame.preheader) + FILLER,
    letter: mjmlOf(letterOf(source, frame)),
  };
  const mjml = layout.replace(/\[\[(\w+)\]\]/g, (_, part) => parts[part]);
  // No fonts: a letter loads nothing from anywhere.
  const { html } = await mjml2html(mjml, { fonts: {}, validationLevel: 'strict', keepComments: false });
  return prettier.format(html, { ...style, parser: 'html' });
}

async function messagesPage() {
  const { messages } = yaml.parse(fs.readFileSync(policyFile, 'utf8'));
  const list = Templates.load(messages.exposure).list();
  const subject = ({ id }, language) => code(parseSource(read(`${id}.${language}.md`)).subject);
  const text = `# Messages

What people are told, and the data protection officer. Made by \`npm run generate\` from [\`templates/\`](../apps/notification/templates) and
[\`template-definitions.ts\`](../apps/notification/src/template-definitions.ts). Every message is in English and Thai. \`?\`: need not be given.
What others can see of a message (subject line, preheader, all of a text message) shows no field but those named here, which \`messages.exposure\` of
the policy has to allow (4.5).

| template | kind | purpose | channels | fields | others see |
| --- | --- | --- | --- | --- | --- |
${list.map((template) => `| ${[code(template.id), template.kind, template.purpose, template.channels.join(', '), fieldsOf(template.fields), exposedOf(template)].join(' | ')} |`).join('\n')}

## Subject lines

| template | English | Thai |
| --- | --- | --- |
${list.map((template) => `| ${[code(template.id), subject(template, 'en'), subject(template, 'th')].join(' | ')} |`).join('\n')}

## Fields

${list.map((template) => `### ${code(template.id)}\n\n${aboutOf(template.fields)}`).join('\n\n')}
`;
  return prettier.format(text, { ...style, parser: 'markdown' });
}

function fieldsOf(fields) {
  return Object.entries(fields)
    .map(([name, { required, type }]) => {
      const items = type.of === 'list' ? ` [${fieldsOf(type.items)}]` : '';
      return `${code(name)}${required ? '' : '?'}${items}`;
    })
    .join(', ');
}

function aboutOf(fields, indent = '') {
  return Object.entries(fields)
    .map(([name, { required, about, type }]) => {
      const items = type.of === 'list' ? `\n${aboutOf(type.items, `${indent}  `)}` : '';
      return `${indent}- ${code(name)}${required ? '' : '?'}: ${about} (${kindOf(type)})${items}`;
    })
    .join('\n');
}

function kindOf(type) {
  if (type.of === 'word') return Object.keys(type.words).map(code).join(' or ');
  return type.most === undefined ? type.of : `${type.of}, to ${type.most} characters`;
}

function exposedOf({ channels, exposes }) {
  return channels
    .map((channel) => `${channel}: ${exposes[channel].length > 0 ? exposes[channel].map(code).join(', ') : 'nothing'}`)
    .join('; ');
}

function code(text) {
  return `\`${text}\``;
}

function read(name) {
  return fs.readFileSync(path.join(templates, name), 'utf8');
}

async function write(file, text) {
  if (!isCheck) {
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, text);
  } else if (!fs.existsSync(file) || fs.readFileSync(file, 'utf8') !== text) stale.push(file);
}
