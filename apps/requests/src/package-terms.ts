import { events } from '@attesta/events';
import type { Policy } from '@attesta/policy';
import type { PackageTerms, Term, TermKind } from './package-content.js';
import type { PackageLanguage } from './package-input.js';
import { WORDS } from './package-words.js';

interface Item {
  title: string;
  title_th?: string;
  citation?: string;
  clauses?: string[];
}

/** The policy's items a package names, noted as its rows are made: each method gives the id back. */
export class Terms {
  private readonly noted = new Map<string, Map<string, Term>>();

  constructor(
    private readonly policy: Policy,
    private readonly language: PackageLanguage,
  ) {}

  readonly category = (id: string): string => this.note('categories', id, this.policy.categories.get(id));
  readonly purpose = (id: string): string => {
    // A purpose's `citation` says when a provision must be named, and is none itself.
    const { citation: _rule, ...purpose } = this.policy.purposes.get(id) ?? {};
    return this.note('purposes', id, 'title' in purpose ? purpose : undefined);
  };
  readonly occasion = (id: string): string => this.note('occasions', id, this.policy.occasions.get(id));
  readonly method = (id: string): string => this.note('methods', id, this.policy.methods.get(id));
  readonly party = (id: string): string => this.note('parties', id, this.policy.parties.get(id));
  readonly right = (id: string): string => this.note('rights', id, this.policy.rights.get(id));

  basis(id: string, jurisdiction: string): string {
    this.note('bases', `${jurisdiction}/${id}`, this.policy.bases.get(jurisdiction)?.get(id));
    return id;
  }

  transferGround(id: string, jurisdiction: string): string {
    this.note('transferGrounds', `${jurisdiction}/${id}`, this.policy.transferGrounds.get(jurisdiction)?.get(id));
    return id;
  }

  event(type: string): string {
    if (this.noted.get('events')?.has(type)) return type;
    const definition = events.get(type);
    const titles: Readonly<Record<string, string>> = WORDS[this.language].events;
    return this.note(
      'events',
      type,
      definition && { title: titles[definition.name] ?? definition.title, clauses: [...definition.clauses] },
    );
  }

  /** In the package's language; in English where the policy has no other title. */
  title({ title, title_th }: Pick<Item, 'title' | 'title_th'>): string {
    return this.language === 'th' ? (title_th ?? title) : title;
  }

  all(): PackageTerms {
    const of = (kind: TermKind) => Object.fromEntries(this.noted.get(kind) ?? []);
    return {
      categories: of('categories'),
      purposes: of('purposes'),
      occasions: of('occasions'),
      methods: of('methods'),
      parties: of('parties'),
      bases: of('bases'),
      transferGrounds: of('transferGrounds'),
      rights: of('rights'),
      events: of('events'),
    };
  }

  private note(kind: TermKind, id: string, item: Item | undefined): string {
    if (!item) return id;
    let terms = this.noted.get(kind);
    if (!terms) this.noted.set(kind, (terms = new Map()));
    if (!terms.has(id)) {
      const { citation, clauses } = item;
      terms.set(id, { title: this.title(item), ...(citation !== undefined && { citation }), ...(clauses && { clauses }) });
    }
    return id;
  }
}

/** Title of a term, or its id where the policy did not know it. */
export function titleIn(terms: PackageTerms, kind: TermKind, id: string): string {
  const qualified = kind === 'bases' || kind === 'transferGrounds';
  return termIn(terms, kind, id)?.title ?? (qualified ? id.slice(id.indexOf('/') + 1) : id);
}

export function termIn(terms: PackageTerms, kind: TermKind, id: string): Term | undefined {
  return Object.hasOwn(terms[kind], id) ? terms[kind][id] : undefined;
}
