import { hash } from 'node:crypto';
import type { PackageContent } from './package-content.js';
import { markup, Markup, type Fragment } from './package-markup.js';
import { accessSections, portabilitySections, type Section } from './package-sections.js';
import { timeIn } from './package-phrases.js';
import { termIn, titleIn } from './package-terms.js';
import { WORDS } from './package-words.js';

const STYLE = `
body{font:16px/1.6 system-ui,"Noto Sans Thai","Leelawadee UI",Thonburi,sans-serif;color:#1b1f24;background:#fff;max-width:72rem;margin:0 auto;padding:1.5rem}
h1{font-size:1.9rem;line-height:1.25;margin:0 0 .5rem}h2{font-size:1.35rem;margin:2.5rem 0 .5rem;border-bottom:2px solid #d5dae0;padding-bottom:.25rem}h3{font-size:1.1rem;margin:1.5rem 0 .4rem}
p{max-width:46rem}.about{color:#4a535d}dl.facts{display:grid;grid-template-columns:max-content 1fr;gap:.2rem 1.2rem}dl.facts dt{font-weight:600}dl.facts dd{margin:0;overflow-wrap:anywhere}
nav ul{columns:2;padding-left:1.2rem}.wide{overflow-x:auto}table{border-collapse:collapse;width:100%;margin:.5rem 0 1rem;font-size:.93rem}
th,td{border:1px solid #d5dae0;padding:.35rem .6rem;text-align:left;vertical-align:top;overflow-wrap:anywhere;min-width:5rem}th{background:#f2f5f8}td ul{margin:0;padding-left:1.1rem}
bdi{white-space:pre-wrap}.small{color:#4a535d;font-size:.88rem}
@media print{body{font-size:10.5pt;max-width:none;padding:0}nav{display:none}h2,h3{break-after:avoid}tr{break-inside:avoid}thead{display:table-header-group}.wide{overflow:visible}}
`;
const POLICY = `default-src 'none'; style-src 'sha256-${hash('sha256', STYLE, 'base64')}'; base-uri 'none'; form-action 'none'`;

/** The package for a person to read: one page in their language, no script, nothing loaded. */
export function packagePage(content: PackageContent): string {
  const words = WORDS[content.language];
  const sections = content.kind === 'access' ? accessSections(content) : portabilitySections(content);
  const title = `${words.pages[content.kind]} – ${content.controller.name}`;
  return markup`<!doctype html>
<html lang="${content.language}"><head><meta charset="utf-8"><title>${title}</title>
<meta http-equiv="Content-Security-Policy" content="${POLICY}"><meta name="referrer" content="no-referrer">
<meta name="viewport" content="width=device-width, initial-scale=1"><meta name="robots" content="noindex">
<style>${new Markup(STYLE)}</style></head>
<body><header><h1>${title}</h1><p>${words.intro[content.kind]}</p>
<dl class="facts">${facts(content).map(([name, value]) => markup`<dt>${name}</dt><dd>${value}</dd>`)}</dl></header>
<nav><ul>${sections.map(({ id, name }) => markup`<li><a href="#${id}">${name}</a></li>`)}</ul></nav>
<main>${sections.map(sectionMarkup)}</main></body></html>
`.text;
}

const sectionMarkup = ({ id, name, about, body }: Section): Markup =>
  markup`
<section id="${id}"><h2>${name}</h2>${about === undefined ? undefined : markup`<p class="about">${about}</p>`}${body}</section>`;

function facts(content: PackageContent): [string, Fragment][] {
  const { controller, request, law, terms, policy, language } = content;
  const { facts: names } = WORDS[language];
  const right = termIn(terms, 'rights', request.right);
  const reach = [controller.contact, controller.email, controller.phone].filter((way) => way !== undefined);
  const time = timeIn(content);
  return [
    [names.controller, controller.name],
    ...(reach.length > 0 ? [[names.questions, reach.join(', ')] as [string, Fragment]] : []),
    ...(controller.address === undefined ? [] : [[names.address, controller.address] as [string, Fragment]]),
    [names.right, right?.title ?? request.right],
    [names.request, request.id],
    [names.received, time(request.receivedAt)],
    [names.made, time(content.madeAt)],
    [names.subject, content.subject],
    [names.law, law.title],
    [names.authority, titleIn(terms, 'parties', law.authority)],
    [names.notice, `${policy.title} (${policy.version})`],
    [names.zone, content.timeZone],
  ];
}
