import type { FieldProblem } from '@attesta/events';
import { FOUND_TRIGGERS, type PolicySource } from './policy-source.js';

/** Everything a well-formed policy can still get wrong: ids used twice, ids that nothing has, items that come from no clause and no law. */
export function crossReferences(source: PolicySource): FieldProblem[] {
  const check = new References();
  const controllers = check.section('controllers', source.controllers);
  const jurisdictions = check.section('jurisdictions', source.jurisdictions);
  const classes = check.section('retentionClasses', source.retentionClasses);
  const categories = check.section('categories', source.categories, true);
  check.section('occasions', source.occasions, true);
  const methods = check.section('methods', source.methods, true);
  const purposes = check.section('purposes', source.purposes, true);
  check.section('services', source.services ?? [], true);
  const parties = check.section('parties', source.parties, true);
  const rights = check.section('rights', source.rights, true);
  const duties = check.section('duties', source.duties, true);
  const clocks = check.section('clocks', source.clocks, true);
  check.section('refusals', source.refusals ?? []);
  check.section('ages', source.ages, true);
  const triggers = check.section('triggers', source.triggers ?? [], true);
  check.section('retention', source.retention, true);
  const obligations = new Set([...rights, ...duties]);
  if (controllers.size === 0) return check.problems;

  source.controllers.forEach((controller, i) =>
    check.all(`/controllers/${i}/jurisdictions`, controller.jurisdictions, jurisdictions, 'jurisdiction'),
  );
  const bases = new Map<string, Set<string>>();
  source.jurisdictions.forEach((jurisdiction, i) => {
    const at = `/jurisdictions/${i}`;
    bases.set(jurisdiction.id, check.section(`jurisdictions/${i}/bases`, jurisdiction.bases));
    check.section(`jurisdictions/${i}/transferGrounds`, jurisdiction.transferGrounds);
    check.one(`${at}/authority`, jurisdiction.authority, parties, 'party');
    check.one(`${at}/sourceNotice`, jurisdiction.sourceNotice, clocks, 'clock');
    const clock = source.clocks.find((candidate) => candidate.id === jurisdiction.sourceNotice);
    if (clock !== undefined && clock.jurisdiction !== jurisdiction.id) {
      check.wrong(`${at}/sourceNotice`, 'wrong-jurisdiction', 'names the clock of another jurisdiction', 'name a clock of this one');
    }
    if (source.parties.find((party) => party.id === jurisdiction.authority && party.role !== 'authority') !== undefined) {
      check.wrong(`${at}/authority`, 'wrong-role', 'names a party that is no authority', 'give that party the role authority');
    }
  });
  source.categories.forEach((category, i) =>
    check.one(`/categories/${i}/retentionClass`, category.retentionClass, classes, 'retention class'),
  );
  source.purposes.forEach((purpose, i) => {
    for (const [jurisdiction, allowed] of Object.entries(purpose.bases)) {
      const at = `/purposes/${i}/bases/${jurisdiction}`;
      if (check.one(at, jurisdiction, jurisdictions, 'jurisdiction')) check.all(at, allowed, bases.get(jurisdiction) ?? new Set(), 'basis');
    }
    for (const jurisdiction of jurisdictions) {
      if (purpose.bases[jurisdiction] === undefined) {
        check.wrong(
          `/purposes/${i}/bases`,
          'missing-basis',
          `has no basis in ${jurisdiction}`,
          'list the bases the purpose may rest on there',
        );
      }
    }
    if (purpose.marketing === true && purpose.channels === undefined) {
      check.wrong(`/purposes/${i}/channels`, 'missing-field', 'a marketing purpose has channels', 'list them');
    }
  });
  for (const [channel, { category }] of Object.entries(source.messages?.addresses ?? {}))
    check.one(`/messages/addresses/${channel}/category`, category, categories, 'data category');
  source.services?.forEach((service, i) => check.all(`/services/${i}/needs`, service.needs, purposes, 'purpose'));
  source.notices.forEach((notice, i) => check.all(`/notices/${i}/purposes`, notice.purposes ?? [], purposes, 'purpose'));
  source.parties.forEach((party, i) => check.all(`/parties/${i}/contractorFor`, party.contractorFor ?? [], methods, 'method'));
  source.rights.forEach((right, i) => check.all(`/rights/${i}/citations`, Object.keys(right.citations), jurisdictions, 'jurisdiction'));
  source.clocks.forEach((clock, i) => {
    check.one(`/clocks/${i}/right`, clock.right, obligations, 'right or duty');
    check.one(`/clocks/${i}/jurisdiction`, clock.jurisdiction, jurisdictions, 'jurisdiction');
  });
  source.refusals?.forEach((refusal, i) => {
    check.all(`/refusals/${i}/rights`, refusal.rights, rights, 'right');
    check.one(`/refusals/${i}/jurisdiction`, refusal.jurisdiction, jurisdictions, 'jurisdiction');
  });
  source.ages.forEach((rule, i) => {
    check.one(`/ages/${i}/jurisdiction`, rule.jurisdiction, jurisdictions, 'jurisdiction');
    if (rule.below !== undefined && rule.below <= rule.from)
      check.wrong(`/ages/${i}/below`, 'empty-range', 'is not above "from"', 'correct the range');
    const overlapping = source.ages.findIndex(
      (other, j) =>
        j < i && other.jurisdiction === rule.jurisdiction && other.from < (rule.below ?? Infinity) && rule.from < (other.below ?? Infinity),
    );
    if (overlapping >= 0)
      check.wrong(`/ages/${i}`, 'overlap', 'covers an age that an earlier rule covers', 'let the ranges meet without overlapping');
  });
  source.triggers?.forEach((trigger, i) => {
    check.all(`/triggers/${i}/impliedBy`, trigger.impliedBy ?? [], triggers, 'trigger');
    if ((FOUND_TRIGGERS as readonly string[]).includes(trigger.id))
      check.wrong(`/triggers/${i}/id`, 'reserved', `"${trigger.id}" is found, not reported`, 'leave it out: rules may name it');
  });
  const countable = new Set([...FOUND_TRIGGERS, ...triggers]);
  source.retention.forEach((rule, i) => {
    check.one(`/retention/${i}/trigger`, rule.trigger, countable, 'trigger');
    check.all(`/retention/${i}/categories`, rule.categories ?? [], categories, 'data category');
    check.all(`/retention/${i}/purposes`, rule.purposes ?? [], purposes, 'purpose');
    if (rule.jurisdiction !== undefined) check.one(`/retention/${i}/jurisdiction`, rule.jurisdiction, jurisdictions, 'jurisdiction');
  });
  const kept = new Set(source.retention.flatMap((rule) => rule.categories ?? []));
  source.categories.forEach((category, i) => {
    if (!kept.has(category.id))
      check.wrong(`/categories/${i}`, 'missing-retention', 'has no retention rule of its own', 'say how long it is kept, and why');
  });
  source.retentionClasses.forEach((retentionClass, i) => {
    const members = source.categories.filter((category) => category.retentionClass === retentionClass.id);
    const rulesOf = ({ id }: { id: string }) => source.retention.filter((rule) => rule.categories?.includes(id)).map((rule) => rule.id);
    const [first, ...others] = members;
    const other = first && others.find((category) => rulesOf(category).join() !== rulesOf(first).join());
    if (other) {
      check.wrong(
        `/retentionClasses/${i}`,
        'mixed-class',
        `holds "${first.id}" (${rulesOf(first).join(', ')}) and "${other.id}" (${rulesOf(other).join(', ')}), which are not destroyed together`,
        'give categories under different retention rules classes of their own',
      );
    }
  });
  source.notices.forEach((notice, i) => {
    if (source.notices.findIndex((other) => other.version === notice.version && other.language === notice.language) !== i) {
      check.wrong(
        `/notices/${i}`,
        'duplicate',
        'registers a version and language that is registered already',
        'give every text its own version',
      );
    }
  });
  return check.problems;
}

class References {
  readonly problems: FieldProblem[] = [];

  wrong(field: string, code: string, message: string, fix: string): void {
    this.problems.push({ field, code, message, fix });
  }

  /** The ids of a section, having reported those used twice and, where the section needs it, items with neither clause nor citation. */
  section(name: string, items: readonly { id: string; clauses?: string[]; citation?: string }[], grounded = false): Set<string> {
    const ids = new Set<string>();
    items.forEach((item, i) => {
      if (ids.has(item.id))
        this.wrong(`/${name}/${i}/id`, 'duplicate', `"${item.id}" is there already`, 'give every item an id of its own');
      ids.add(item.id);
      const law = item.citation !== undefined && item.citation !== 'mandatory' && item.citation !== 'unless-consent';
      if (grounded && item.clauses === undefined && !law) {
        this.wrong(
          `/${name}/${i}/clauses`,
          'missing-clause',
          `"${item.id}" comes from no clause and no law`,
          'add "clauses", or "citation" where the notice is silent',
        );
      }
    });
    return ids;
  }

  one(field: string, id: string, known: ReadonlySet<string>, what: string): boolean {
    if (known.has(id)) return true;
    this.wrong(field, 'unknown-id', `"${id}" is no ${what} of this policy`, `use one of: ${[...known].join(', ')}`);
    return false;
  }

  all(field: string, ids: readonly string[], known: ReadonlySet<string>, what: string): void {
    for (const id of ids) this.one(field, id, known, what);
  }
}
