import { describeConfig } from './variable.js';
import type { ConfigClass, VariableOptions } from './variable.js';

export interface ConfigSection {
  title: string;
  /** A sentence or two before the table. */
  about: string;
  /** The variables, or the class that declares them. */
  Class?: ConfigClass<object>;
  variables?: readonly VariableOptions[];
}

/** One table of variables per section; a pure function of the configuration classes, so that the file can be checked for freshness. */
export function configurationMarkdown(sections: readonly ConfigSection[]): string {
  const tables = sections.map(({ title, about, Class, variables }) => {
    const rows = (Class ? describeConfig(Class) : (variables ?? [])).map((variable) => {
      const notes = [variable.secret ? `secret; or a file, \`${variable.name}_FILE\`` : '', variable.optional ? 'optional' : ''].filter(
        Boolean,
      );
      const fallback = variable.default !== undefined ? `\`${variable.default}\`` : variable.optional ? '' : 'required';
      return `| \`${variable.name}\` | ${variable.kind ?? 'text'} | ${fallback} | ${cell(variable.about)}${notes.length > 0 ? ` (${notes.join('; ')})` : ''} |`;
    });
    return [`## ${title}`, '', about, '', '| variable | kind | default | what it does |', '|---|---|---|---|', ...rows].join('\n');
  });
  return `${[HEADING, ...tables].join('\n\n')}\n`;
}

const HEADING = `# Configuration

Generated from the configuration classes by \`npm run generate -w @attesta/service-kit\`; do not edit.

Everything is configured by environment variables. A process reads them once when it starts and names all that are
missing or wrong at once. Any variable can be given as a file by appending \`_FILE\` to its name. Variables that are not
listed are ignored.

URLs of PostgreSQL are node-postgres': \`?sslmode=verify-full&sslrootcert=/path/ca.crt\` encrypts and verifies certificate
and name, and is what a server elsewhere should be reached with. \`require\`, \`prefer\` and \`verify-ca\` do the same here, other
than in libpq, until node-postgres 9; \`uselibpqcompat=true\` beside them asks for libpq's weaker meaning, and \`no-verify\` believes
whoever answers. A process that reaches a server on another machine without TLS, or without verifying it, warns once when it
starts; so does one that speaks to brokers elsewhere with neither TLS nor a login.`;

const cell = (text: string): string => text.replaceAll('|', '\\|');
