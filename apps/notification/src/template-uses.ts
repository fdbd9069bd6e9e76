import Handlebars from 'handlebars';
import type { Fields } from './template-definitions.js';

/** What a message can say of its sender. `reach`: the shortest way to ask. */
export const SENDER = ['name', 'contact', 'email', 'phone', 'address', 'url', 'unsubscribe', 'reach'] as const;

export interface Uses {
  fields: ReadonlySet<string>;
  sender: ReadonlySet<string>;
}

/**
 * The fields that a Handlebars source fills in. It may do nothing but that, ask whether a field is there, and go through a list: whatever else
 * Handlebars can do (raw output, helpers, partials, contexts) is a complaint.
 */
export function usesOf(source: string, fields: Fields, complain: (complaint: string) => void): Uses {
  const uses = { fields: new Set<string>(), sender: new Set<string>() };
  let tree: hbs.AST.Program;
  try {
    tree = Handlebars.parse(source);
  } catch (error) {
    complain((error as Error).message);
    return uses;
  }
  walk(tree, fields);
  return uses;

  function walk(program: hbs.AST.Program | undefined, scope: Fields, list?: string): void {
    for (const statement of program?.body ?? []) {
      if (statement.type === 'ContentStatement') continue;
      if (statement.type === 'MustacheStatement') fill(statement as hbs.AST.MustacheStatement, scope, list);
      else if (statement.type === 'BlockStatement') enter(statement as hbs.AST.BlockStatement, scope, list);
      else complain(`a ${statement.type} is not for messages`);
    }
  }

  function fill({ path, params, hash, escaped }: hbs.AST.MustacheStatement, scope: Fields, list?: string): void {
    if (!escaped || params.length > 0 || hash) complain('{{ }} takes the name of a field alone, and writes it escaped');
    else use(path, scope, list);
  }

  function enter(block: hbs.AST.BlockStatement, scope: Fields, list?: string): void {
    const { path, params, hash, program, inverse } = block;
    const [param] = params;
    const isAsked = path.original === 'if' || path.original === 'unless';
    if (params.length !== 1 || !param || hash || program?.blockParams || (path.original !== 'each' && !isAsked)) {
      complain('only #if, #unless and #each are for messages, each with one field');
      return;
    }
    const name = use(param, scope, list);
    const type = name === undefined ? undefined : scope[name]?.type;
    if (isAsked) walk(program, scope, list);
    else if (type?.of === 'list') walk(program, type.items, name);
    else complain('#each is for lists');
    walk(inverse, scope, list);
  }

  /** @returns the field's name in its scope; undefined for what is of the sender, or wrong */
  function use(expression: hbs.AST.Expression, scope: Fields, list?: string): string | undefined {
    const { type, parts, original } = expression as hbs.AST.PathExpression;
    const [first, second] = parts ?? [];
    if (type === 'PathExpression' && original === parts.join('.')) {
      if (parts.length === 1 && first !== undefined && Object.hasOwn(scope, first)) {
        uses.fields.add(list ?? first);
        return first;
      }
      if (parts.length === 2 && first === 'sender' && !list && SENDER.some((name) => name === second)) {
        uses.sender.add(second!);
        return undefined;
      }
    }
    complain(`{{${String(original)}}} is no field of it`);
    return undefined;
  }
}
