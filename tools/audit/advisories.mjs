/** Advisories in the answer of `npm audit --json`, each once. @returns {{id: string, package: string, severity: string, title: string}[]} */
export function advisoriesIn({ vulnerabilities = {} }) {
  const found = new Map();
  for (const { via } of Object.values(vulnerabilities)) {
    for (const one of via) {
      if (typeof one === 'string') continue; // through another package, which is listed itself
      const id = /GHSA-[\w-]+/.exec(one.url ?? '')?.[0] ?? String(one.source);
      found.set(`${id} ${one.name}`, { id, package: one.name, severity: one.severity, title: one.title });
    }
  }
  return [...found.values()];
}

/**
 * What is not excused, whose excuse has run out, and excuses that nothing needs.
 * @param today ISO date
 */
export function advisoryProblems(advisories, excused, today) {
  const problems = [];
  const excuseOf = (advisory) => excused.find((one) => one.id === advisory.id && one.package === advisory.package);
  for (const advisory of advisories) {
    const excuse = excuseOf(advisory);
    const what = `${advisory.package}: ${advisory.id} (${advisory.severity}) ${advisory.title}`;
    if (!excuse) problems.push(what);
    else if (excuse.until < today) problems.push(`${what}; excused until ${excuse.until}: "${excuse.reason}"`);
  }
  for (const excuse of excused) {
    if (!advisories.some((advisory) => excuseOf(advisory) === excuse))
      problems.push(`${excuse.package}: nothing needs the excuse for ${excuse.id} any more`);
  }
  return problems;
}
