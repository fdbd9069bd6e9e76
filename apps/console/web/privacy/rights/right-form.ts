/** What somebody fills in to use a right. */
export interface RightForm {
  email: string;
  text: string;
  /** Empty: the policy's first. */
  jurisdiction: string;
  scope: 'everything' | 'some';
  categories: string[];
  purposes: string[];
  ground: string;
  /** `wrong`: category and field, as of `WRONG`. */
  changes: { wrong: string; value: string }[];
}

export const EMPTY: RightForm = {
  email: '',
  text: '',
  jurisdiction: '',
  scope: 'everything',
  categories: [],
  purposes: [],
  ground: '',
  changes: [{ wrong: '', value: '' }],
};

export const GROUNDS = ['accuracy-contested', 'unlawful-processing', 'needed-for-claims', 'objection-pending'] as const;

/** What people most often find wrong, as category and field; systems of a company name their fields the same or are told by its officer. */
export const WRONG = [
  'identity/name',
  'identity/birth_date',
  'contact/phone',
  'contact/email',
  'address/street',
  'address/city',
  'address/postcode',
] as const;
export const OTHER_FIELD = 'other';

/** What a right asks for besides an address. */
export const wants = (right: string) => ({
  scope: right === 'erasure' || right === 'access' || right === 'restriction',
  purposes: right === 'objection',
  withdrawn: right === 'consent-withdrawal',
  ground: right === 'restriction',
  changes: right === 'rectification',
});

export interface Missing {
  email?: true;
  ground?: true;
  /** Which of the changes say nothing. */
  changes?: number[];
}

export function missing(right: string, { email, ground, changes }: RightForm): Missing {
  const asked = wants(right);
  const unsaid = changes.flatMap(({ wrong, value }, i) => (wrong === '' || value.trim() === '' ? [i] : []));
  return {
    ...(!/^\S+@\S+\.\S+$/.test(email.trim()) && { email: true as const }),
    ...(asked.ground && ground === '' && { ground: true as const }),
    ...(asked.changes && unsaid.length > 0 && { changes: unsaid }),
  };
}

/** The body of `POST /v1/requests`: what the right does not ask for is left out, whatever was filled in before. */
export function bodyOf(right: string, form: RightForm, language: string): Record<string, unknown> {
  const asked = wants(right);
  const { email, text, jurisdiction, scope, categories, purposes, ground, changes } = form;
  return {
    right,
    email: email.trim(),
    language,
    ...(jurisdiction !== '' && { jurisdiction }),
    ...(asked.scope && scope === 'some' && categories.length > 0 && { categories }),
    ...((asked.purposes || asked.withdrawn) && purposes.length > 0 && { purposes }),
    ...(asked.ground && { ground }),
    ...(asked.changes && { changes: changes.map(changeOf) }),
    ...(text.trim() !== '' && { text: text.trim() }),
  };
}

function changeOf({ wrong, value }: RightForm['changes'][number]) {
  const [category, field] = wrong.split('/');
  return { category, field, value: value.trim() };
}
