import { Ajv, type ErrorObject } from 'ajv';
import { parseDocument } from 'yaml';
import { MappingError, type Lookup, type MappedColumn, type MappedTable, type Mapping, type MappingProblem } from './mapping.js';
import { mappingConflicts } from './mapping-conflicts.js';
import { MappingSource, type TableSource } from './mapping-source.js';

const validate = new Ajv({ strict: true, allErrors: true }).compile<MappingSource>(MappingSource);

/** Reads a mapping file. @throws MappingError with every problem: of the YAML, else of the form, else of what tables say about one another */
export function loadMapping(yaml: string): Mapping {
  const document = parseDocument(yaml);
  if (document.errors.length > 0) throw new MappingError(document.errors.map(({ message }) => yamlProblem(message)));
  const source: unknown = document.toJS();
  if (!validate(source)) throw new MappingError(formProblems(validate.errors ?? []));
  const conflicts = mappingConflicts(source);
  if (conflicts.length > 0) throw new MappingError(conflicts);
  return build(source);
}

function build(source: MappingSource): Mapping {
  const built = new Map<string, MappedTable & { children: MappedTable[]; links: Set<string> }>();
  const add = (table: TableSource): MappedTable & { children: MappedTable[]; links: Set<string> } => {
    const known = built.get(table.table);
    if (known) return known;
    const { rows, links } = rowsOf(table, (name) => {
      const parent = source.tables.find((one) => one.table === name);
      if (!parent) throw new RangeError('conflicts were looked for before');
      return add(parent);
    });
    const mapped = {
      table: table.table,
      name: table.name ?? table.table.slice(table.table.indexOf('.') + 1),
      rows,
      links: new Set(links),
      columns: table.columns.map(columnOf),
      ...(table.collected !== undefined && { collected: collectedOf(table.collected) }),
      children: [],
      erase: table.erase,
      ...(table.keep && { keep: table.keep }),
    };
    built.set(table.table, mapped);
    if (rows.by === 'parent') {
      const parent = built.get(rows.parent.table);
      parent?.children.push(mapped);
      parent?.links.add(rows.references);
    }
    return mapped;
  };
  source.tables.forEach(add);
  return { system: source.system, tables: [...built.values()] };
}

function rowsOf(table: TableSource, tableOf: (name: string) => MappedTable): { rows: MappedTable['rows']; links: string[] } {
  if (table.through) {
    const { table: parent, column, references = 'id' } = table.through;
    return { rows: { by: 'parent', parent: tableOf(parent), column, references }, links: [column] };
  }
  const find = new Map(
    Object.entries(table.find ?? {}).map(([scheme, column]): [string, Lookup] => [
      scheme,
      { column, ignoreCase: table.ignoreCase?.includes(scheme) ?? false },
    ]),
  );
  if (table.many) return { rows: { by: 'identifiers', find }, links: [] };
  const key = table.key ?? 'id';
  return { rows: { by: 'key', key, find }, links: [key] };
}

function collectedOf(collected: string): NonNullable<MappedTable['collected']> {
  if (collected === 'ignore') return { by: 'nothing' };
  return collected === 'parent' ? { by: 'parent' } : { by: 'column', column: collected };
}

const columnOf = ({ field, erase, rectify, ...column }: TableSource['columns'][number]): MappedColumn => ({
  ...column,
  field: field ?? column.column,
  erase: erase ?? 'null',
  rectify: rectify ?? false,
});

function yamlProblem(message: string): MappingProblem {
  const [problem = '', at] = (message.split('\n')[0] ?? '').split(/ at (?=line \d)/);
  return { at: at?.replace(/:$/, '') ?? 'the file', problem, fix: 'write valid YAML' };
}

function formProblems(errors: readonly ErrorObject[]): MappingProblem[] {
  // The inner half of an error about a property's name: the error that follows says it better.
  const problems = errors.filter(({ propertyName }) => propertyName === undefined).map(formProblem);
  return [...new Map(problems.map((one) => [`${one.at} ${one.problem}`, one])).values()];
}

function formProblem({ keyword, instancePath, params, parentSchema, message }: ErrorObject): MappingProblem {
  const at = pathOf(instancePath);
  const named = (property: unknown) => pathOf(`${instancePath}/${String(property)}`);
  const details = params as Record<string, unknown>;
  const meaning = (parentSchema as { description?: string } | undefined)?.description;
  switch (keyword) {
    case 'required':
      return { at: named(details.missingProperty), problem: 'is missing', fix: 'add it' };
    case 'additionalProperties':
      return { at: named(details.additionalProperty), problem: 'is unknown here', fix: 'check its spelling, or remove it' };
    case 'enum':
      return { at, problem: 'is not one of the choices', fix: `use ${(details.allowedValues as unknown[]).map(String).join(', ')}` };
    case 'type':
      return {
        at,
        problem: `is no ${String(details.type)}`,
        fix: meaning ? `it is: ${meaning}` : `write ${article(String(details.type))}`,
      };
    case 'pattern':
      return { at, problem: 'is not written as it must be', fix: `${meaning ?? 'match'}: ${String(details.pattern)}` };
    default:
      return { at, problem: message ?? 'is wrong', fix: meaning ? `it is: ${meaning}` : 'correct it' };
  }
}

const article = (type: string) => `${/^[aeiou]/.test(type) ? 'an' : 'a'} ${type}`;

const pathOf = (pointer: string): string =>
  pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .reduce((path, part) => (/^\d+$/.test(part) ? `${path}[${part}]` : path === '' ? part : `${path}.${part}`), '') || 'the file';
