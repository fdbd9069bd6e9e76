// Which licences what a running system is made of may have. Read from package-lock.json, which npm fills from each package.

/** Permissive ones, by SPDX id: they ask for their text to be kept, and for nothing of ours. OFL-1.1 is for fonts. */
export const ALLOWED = new Set(
  '0BSD Apache-2.0 BlueOak-1.0.0 BSD-2-Clause BSD-3-Clause CC0-1.0 ISC MIT MIT-0 OFL-1.1 Python-2.0 Unlicense Zlib'.split(' '),
);

/** Whether an SPDX expression can be met with allowed licences alone: one side of an OR, both of an AND. */
export function allows(expression) {
  const tokens = expression.match(/\(|\)|[^\s()]+/g) ?? [];
  let at = 0;
  const atom = () => {
    const token = tokens[at++];
    if (token !== '(') return ALLOWED.has(token);
    const value = either();
    return tokens[at++] === ')' && value;
  };
  const both = () => {
    let value = atom();
    while (tokens[at] === 'AND') {
      at++;
      value = atom() && value;
    }
    return value;
  };
  const either = () => {
    let value = both();
    while (tokens[at] === 'OR') {
      at++;
      value = both() || value;
    }
    return value;
  };
  return tokens.length > 0 && either() && at === tokens.length;
}

/** Packages of production whose licence is not allowed and not excused, and excuses that nothing needs. */
export function licenceProblems(lock, excused) {
  const needed = new Set();
  const problems = [];
  for (const [place, { license = 'none', version, dev, link }] of Object.entries(lock.packages)) {
    const name = place.split('node_modules/').slice(1).pop();
    if (name === undefined || dev || link || allows(license)) continue;
    const excuse = excused.find((one) => one.package === name && one.licence === license);
    if (excuse) needed.add(excuse);
    else problems.push(`${name} ${version}: licence ${license} is not among those allowed`);
  }
  for (const excuse of excused) {
    if (!needed.has(excuse)) problems.push(`${excuse.package}: nothing needs the excuse for its licence ${excuse.licence} any more`);
  }
  return [...new Set(problems)].sort();
}
