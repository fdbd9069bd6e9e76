import { rfc3339Millis } from '@attesta/events';
import { canonical } from '@attesta/proof';
import type { DisposalEntries } from './certificate-entries.js';

/**
 * Where the entries of a disposal do not bear each other out, in words for a person; empty when they do. Sealed is not true: a company can seal what
 * it likes, but not without contradicting what its own ledger sealed.
 */
export function contradictions(entries: DisposalEntries): string[] {
  return [
    ...ofOneDisposal(entries),
    ...ofOrder(entries),
    ...ofKeys(entries),
    ...ofParts(entries),
    ...ofMethods(entries),
    ...ofOutcome(entries),
  ];
}

function* ofOneDisposal({ started, closed, answered, instructed, destroyed, removed, completed }: DisposalEntries): Generator<string> {
  const { disposal } = completed.data;
  for (const one of [started, closed, answered, ...instructed, ...removed]) {
    if (one && one.data.disposal !== disposal) yield `position ${one.position} is of another disposal`;
  }
  if (destroyed && destroyed.data.basis !== `disposal/${disposal}`)
    yield `position ${destroyed.position} destroyed keys for another reason`;
  for (const one of [started, closed, answered, ...instructed, destroyed, ...removed]) {
    if (one && one.subject !== completed.subject) yield `position ${one.position} is about another person`;
  }
  for (const member of ['cause', 'request', 'action'] as const) {
    if (started.data[member] !== completed.data[member]) yield `the disposal was started with another ${member} than it was completed with`;
  }
  const { acknowledgements, collected } = completed.data;
  if (answered && canonical(answered.data.acknowledgements) !== canonical(acknowledgements)) {
    yield 'the systems answered otherwise than the disposal says';
  }
  if (!answered && started.data.request === undefined && acknowledgements.length > 0)
    yield 'the entry with the answers of the systems is missing';
  if (collected && rfc3339Millis(collected.from)! > rfc3339Millis(collected.until)!)
    yield 'the data was collected until before it was collected';
}

/** Each step waits for the one before; several instructions are carried out as they come. */
function* ofOrder({ started, closed, answered, instructed, destroyed, removed, completed }: DisposalEntries): Generator<string> {
  const [first, ...others] = instructed;
  if (!first && (destroyed ?? removed[0])) yield 'the entry that instructed the destruction is missing';
  let reached = -1;
  for (const step of [[started], [closed, answered], [first], [...others, destroyed, ...removed], [completed]]) {
    const positions = step.flatMap((one) => one?.position ?? []);
    for (const position of positions) if (position < reached) yield `position ${position} did not wait for position ${reached}`;
    reached = Math.max(reached, ...positions);
  }
}

function* ofKeys({ closed, instructed, destroyed, completed }: DisposalEntries): Generator<string> {
  const { keys, scope, fence } = completed.data;
  if (completed.data.destroyed !== destroyed?.position) yield 'the disposal names another entry for the destroyed keys than is here';
  if (fence !== closed?.data.fence) yield 'the disposal names another fence than the ledger set';
  if (closed && closed.data.fence > closed.position) yield 'the fence stands behind the entry that tells of it';
  if (keys.length === 0 && scope === 'class') {
    if (destroyed) yield 'keys were destroyed that the disposal does not name';
    return;
  }
  if (!destroyed) return yield 'the entry that tells of the destroyed keys is missing';
  if (!closed) yield 'the entry that closed the keys is missing';
  else if (closed.data.fence > destroyed.position) yield 'the keys were destroyed before the fence';
  if (destroyed.data.scope !== scope) yield 'the keys were destroyed in another scope than the disposal says';
  const gone = new Set(destroyed.data.keys.filter(({ subject }) => subject === completed.subject).map(({ key }) => key));
  if (gone.size < destroyed.data.keys.length) yield 'keys of another person were destroyed';
  const ordered = new Set(instructed.flatMap(({ data }) => data.keys));
  for (const key of keys) {
    if (!ordered.has(key)) yield `the destruction of the key ${key} was not instructed`;
    if (!gone.has(key)) yield `nothing tells that the key ${key} was destroyed`;
    if (closed && !closed.data.keys.includes(key)) yield `the key ${key} was not closed before it was destroyed`;
  }
  if (scope === 'class')
    for (const key of gone) if (!keys.includes(key)) yield `the key ${key} was destroyed, and the disposal does not name it`;
}

function* ofParts({ instructed, removed, completed }: DisposalEntries): Generator<string> {
  const { keys, scope, parts } = completed.data;
  // What systems alone hold counts below 0: no ciphertext of it was ever sealed.
  const ordered = new Set(instructed.flatMap(({ data }) => data.parts.filter(({ part }) => part >= 0).map(nameOf)));
  const seen = new Set<string>();
  for (const { position, data } of removed) {
    for (const one of data.parts) {
      const name = nameOf(one);
      if (!ordered.has(name)) yield `the removal of ${name} was not instructed`;
      if (seen.has(name)) yield `${name} was removed twice`;
      if (one.position >= position) yield `position ${position} removed part of an entry that came later`;
      seen.add(name);
    }
  }
  if (parts < seen.size || parts > ordered.size) {
    yield `the disposal says that ${parts} parts went; ${ordered.size} were instructed to, and ${seen.size} were removed by themselves`;
  }
  if (keys.length > 0 || scope === 'subject') return;
  for (const name of ordered) if (!seen.has(name)) yield `nothing tells that ${name} was removed`;
}

const nameOf = ({ position, part }: { position: number; part: number }): string => `part ${part} of position ${position}`;

function* ofMethods({ removed, completed }: DisposalEntries): Generator<string> {
  const { methods, keys, scope, acknowledgements } = completed.data;
  if (methods.length === 0 && scope === 'class') yield 'nothing was destroyed';
  if (methods.includes('crypto-shredding') !== keys.length > 0) yield 'crypto-shredding and the destroyed keys do not bear each other out';
  if (methods.includes('ciphertext-removal') !== removed.length > 0)
    yield 'ciphertext-removal and the removed parts do not bear each other out';
  if (methods.includes('system-erasure') && !acknowledgements.some(({ outcome }) => outcome === 'done')) {
    yield 'no system answered that it erased anything';
  }
}

function* ofOutcome({ started, completed }: DisposalEntries): Generator<string> {
  const { outcome, survivors, acknowledgements, categories } = completed.data;
  const kept = [...survivors, ...acknowledgements.flatMap((one) => one.kept ?? [])].map(({ category }) => category);
  if (outcome === 'partial' && kept.length === 0) yield 'the disposal is said to be partial, and nothing survives';
  if (outcome === 'complete') {
    const inScope = new Set([...started.data.categories, ...categories]);
    for (const category of new Set(kept)) if (inScope.has(category)) yield `the disposal is said to be complete, and ${category} survives`;
  }
}
