import { EVENT_TYPE } from './define.js';
import type { FieldProblem } from './problem.js';
import type { EventRegistry } from './registry.js';

/** The problem of a type that the registry does not have: an unknown version of a known type, or an unknown type with its nearest neighbours. */
export function unknownType(registry: EventRegistry, type: string): FieldProblem {
  const [, name, version] = EVENT_TYPE.exec(type) ?? [];
  const versions = name === undefined ? [] : registry.versions(name);
  if (name !== undefined && versions.length > 0) {
    const known = versions.map((definition) => `v${definition.version}`).join(', ');
    return {
      field: '/type',
      code: 'unknown-version',
      message: `${name} has no version ${version}; it has ${known}`,
      fix: `use one of: ${versions.map((d) => d.type).join(', ')}`,
    };
  }
  const nearest = registry
    .all()
    .map((definition) => ({ type: definition.type, distance: editDistance(type, definition.type) }))
    .sort((a, b) => a.distance - b.distance)
    .slice(0, 3)
    .map((candidate) => candidate.type);
  return {
    field: '/type',
    code: 'unknown-type',
    message: 'the event type is not known',
    fix: `use a known type; the nearest are: ${nearest.join(', ')}`,
  };
}

/** Levenshtein distance over one row. */
function editDistance(a: string, b: string): number {
  const row = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    let diagonal = i - 1;
    row[0] = i;
    for (let j = 1; j <= b.length; j++) {
      const above = row[j] ?? 0;
      row[j] = Math.min(above + 1, (row[j - 1] ?? 0) + 1, diagonal + (a.charCodeAt(i - 1) === b.charCodeAt(j - 1) ? 0 : 1));
      diagonal = above;
    }
  }
  return row[b.length] ?? 0;
}
