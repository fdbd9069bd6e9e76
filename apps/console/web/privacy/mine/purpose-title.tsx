import { useCenter } from '../base/center.js';
import { Policy } from '../base/page.js';

/** A purpose by its title; what the policy does not know by what it is called otherwise. */
export function PurposeTitle({ id, title = id }: { id: string; title?: string }) {
  const known = useCenter().data?.purposes.find(({ purpose }) => purpose === id);
  return <Policy of={known ?? { title, titleTh: null }} />;
}

export function CategoryTitle({ id }: { id: string }) {
  const known = useCenter().data?.categories.find(({ category }) => category === id);
  return <Policy of={known ?? { title: id, titleTh: null }} />;
}

export function RecipientTitle({ id, title = id }: { id: string; title?: string }) {
  const known = useCenter().data?.recipients.find(({ party }) => party === id);
  return <Policy of={known ?? { title, titleTh: null }} />;
}
