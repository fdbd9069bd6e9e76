import type { PackageContent } from './package-content.js';
import { csvFiles } from './package-csv.js';
import { packagePage } from './package-html.js';
import { packageReadme } from './package-readme.js';

/** The files of a package, in UTF-8 without a byte order mark, and when it was made (RFC 3339). */
export interface PackageFiles {
  madeAt: string;
  files: readonly { name: string; text: string }[];
}

/** A page to read, tables for spreadsheets, and everything exactly in `package.json` for programs (GDPR 12(1), 20(1); PDPA s.31). */
export function packageFiles(content: PackageContent): PackageFiles {
  const tables = csvFiles(content);
  return {
    madeAt: content.madeAt,
    files: [
      { name: 'README.txt', text: packageReadme(content, tables) },
      { name: 'package.html', text: packagePage(content) },
      { name: 'package.json', text: jsonOf(content) },
      ...tables,
    ],
  };
}

/** One row per line: to be read by programs, and compared by people. */
function jsonOf(content: PackageContent): string {
  const members = Object.entries(content).map(([name, value]) => {
    const rows = Array.isArray(value) && value.length > 0 ? value.map((row) => `\n    ${JSON.stringify(row)}`).join(',') : undefined;
    return `  ${JSON.stringify(name)}: ${rows === undefined ? JSON.stringify(value) : `[${rows}\n  ]`}`;
  });
  return `{\n${members.join(',\n')}\n}\n`;
}
