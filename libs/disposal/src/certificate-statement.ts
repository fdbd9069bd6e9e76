import { endOfDuration, type Policy } from '@attesta/policy';
import type { DisposalEntries } from './certificate-entries.js';
import type { CertificateInformative, CertificateStatement, Titled } from './certificate-form.js';

/** What a disposal's entries state. Everybody who holds them derives the same. */
export function statementOf(
  { started, closed, answered, instructed, destroyed, removed, completed }: DisposalEntries,
  log: string,
): CertificateStatement {
  const { data } = completed;
  return {
    number: data.disposal,
    log,
    cause: data.cause,
    ...(data.request !== undefined && { request: data.request }),
    action: data.action,
    outcome: data.outcome,
    scope: data.scope,
    categories: data.categories,
    classes: started.data.classes,
    ...(data.collected && { collected: data.collected }),
    keys: data.keys,
    parts: data.parts,
    partsRemoved: removed.reduce((sum, { data: { parts } }) => sum + parts.length, 0),
    methods: data.methods,
    basis: data.rules,
    survivors: data.survivors,
    systems: data.acknowledgements,
    priorNotice: data.priorNotice,
    ...(closed && { fence: closed.data.fence }),
    positions: {
      started: started.position,
      ...(closed && { closed: closed.position }),
      ...(answered && { answered: answered.position }),
      instructed: instructed.map(({ position }) => position),
      ...(destroyed && { destroyed: destroyed.position }),
      removed: removed.map(({ position }) => position),
      completed: completed.position,
    },
    recordedAt: {
      started: started.recordedAt,
      ...(destroyed && { destroyed: destroyed.recordedAt }),
      completed: completed.recordedAt,
    },
  };
}

/** What a policy adds to a statement. A category or class that the policy does not know goes by its id. */
export function informativeOf(statement: CertificateStatement, policy: Policy): CertificateInformative {
  const { categories, classes, survivors, systems, recordedAt } = statement;
  const kept = [...survivors, ...systems.flatMap((one) => one.kept ?? [])].map(({ category }) => category);
  const titled = (id: string, item: { title: string; title_th?: string } | undefined): Titled => ({
    id,
    title: item?.title ?? id,
    ...(item?.title_th !== undefined && { title_th: item.title_th }),
  });
  const until = endOfDuration(Date.parse(recordedAt.completed), policy.backupsKeptFor);
  return {
    policy: { id: policy.id, version: policy.version },
    categories: [...new Set([...categories, ...kept])].map((id) => titled(id, policy.categories.get(id))),
    classes: classes.map((id) => titled(id, policy.retentionClasses.get(id))),
    backups: { keptFor: policy.backupsKeptFor, until: new Date(until).toISOString() },
  };
}
