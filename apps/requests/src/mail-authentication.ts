export type MailAuthentication = 'pass' | 'fail' | 'none';

/**
 * What the company's own mail system found out about a message's sender (RFC 8601). DMARC decides where it was evaluated; else a DKIM signature or
 * an SPF result of the very domain in `From`.
 * @param headers the values of all Authentication-Results headers, topmost first. The system that receives from outside must remove those that
 *   claim its name (section 5); here only the topmost of a trusted name counts, for later ones came with the message.
 * @param trusted authserv-ids, in any case
 * @param from the address in `From`
 */
export function authenticationOf(headers: readonly string[], trusted: readonly string[], from: string): MailAuthentication {
  const names = new Set(trusted.map((name) => name.toLowerCase()));
  const ours = headers.map(parsed).find((header) => header && names.has(header.server));
  const domain = from.slice(from.lastIndexOf('@') + 1).toLowerCase();
  if (!ours || !domain) return 'none';
  const dmarc = ours.results.filter(({ method }) => method === 'dmarc');
  if (dmarc.length > 0) {
    const about = dmarc.every(({ properties }) => domainOf(properties.get('header.from') ?? domain) === domain);
    if (about && dmarc.every(({ result }) => result === 'pass')) return 'pass';
    return about && dmarc.every(({ result }) => result === 'none') ? aligned(ours.results, domain) : 'fail';
  }
  return aligned(ours.results, domain);
}

function aligned(results: readonly Result[], domain: string): MailAuthentication {
  const passes = results.some(
    ({ method, result, properties }) =>
      result === 'pass' &&
      ((method === 'dkim' && covers(properties.get('header.d') ?? properties.get('header.i'), domain)) ||
        (method === 'spf' && covers(properties.get('smtp.mailfrom'), domain))),
  );
  if (passes) return 'pass';
  return results.some(({ method, result }) => (method === 'dkim' || method === 'spf') && FAILED.has(result)) ? 'fail' : 'none';
}

const FAILED = new Set(['fail', 'softfail', 'permerror', 'policy']);

/** Whether a name is the sender's domain or one above it; a top-level domain covers nothing. */
function covers(value: string | undefined, domain: string): boolean {
  const name = domainOf(value ?? '');
  return name.includes('.') && (name === domain || domain.endsWith(`.${name}`));
}

const domainOf = (value: string): string => value.slice(value.lastIndexOf('@') + 1).toLowerCase();

interface Result {
  method: string;
  result: string;
  properties: Map<string, string>;
}

function parsed(header: string): { server: string; results: Result[] } | undefined {
  const [first, ...rest] = fields(header);
  const server = first?.[0]?.toLowerCase();
  if (server === undefined) return undefined;
  const results = rest.flatMap((words): Result[] => {
    const [method, result] = pair(words[0] ?? '');
    if (!method || !result) return [];
    const properties = new Map<string, string>();
    for (const word of words.slice(1)) {
      const [name, value] = pair(word);
      // The first wins: a result can hold what its sender chose, and that comes later.
      if (name && value && !properties.has(name)) properties.set(name, value);
    }
    return [{ method: method.replace(/\/\d+$/, ''), result: result.toLowerCase(), properties }];
  });
  return { server, results };
}

function pair(word: string): [string, string] {
  const at = word.indexOf('=');
  return at < 0 ? ['', ''] : [word.slice(0, at).toLowerCase(), word.slice(at + 1)];
}

/** The words of each `;`-separated field, comments left out and quoted strings made one word, spaces around `=` taken away. */
function fields(header: string): string[][] {
  const all: string[][] = [[]];
  let word = '';
  let depth = 0;
  let quoted = false;
  const end = () => {
    if (word !== '') all.at(-1)?.push(word);
    word = '';
  };
  for (let at = 0; at < header.length; at += 1) {
    const char = header.charAt(at);
    if (char === '\\' && (quoted || depth > 0)) {
      at += 1;
      if (quoted && depth === 0) word += header.charAt(at);
    } else if (depth > 0) depth += char === '(' ? 1 : char === ')' ? -1 : 0;
    else if (char === '"') quoted = !quoted;
    else if (quoted) word += char;
    else if (char === '(') depth = 1;
    else if (char === ';') {
      end();
      all.push([]);
    } else if (/\s/.test(char)) {
      if (!word.endsWith('=') && !/^\s*=/.test(header.slice(at, at + 8))) end();
    } else word += char;
  }
  end();
  return all;
}
