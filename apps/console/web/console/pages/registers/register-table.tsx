import type { ReactNode } from 'react';
import { useList } from '../../../kit/answers.js';
import { PagedRows } from '../../rows.js';
import { COLUMNS } from './columns.js';
import { REGISTERS } from './register-list.js';
import type { RegisterName, RowsOf } from './register-rows.js';
import { useRegisterWords } from './registers.words.js';

interface Props<N extends RegisterName> {
  name: N;
  /** What is asked for; with `subject` and `reason` it is a look at a person, which is asked for once. */
  params: Record<string, string>;
  /** Another route that gives the same rows. */
  path?: string;
}

/** The rows of a register. */
export function RegisterTable<N extends RegisterName>({ name, params, path = REGISTERS[name].path }: Props<N>): ReactNode {
  const say = useRegisterWords();
  const list = useList<RowsOf[N]>(path, params, params['reason'] === undefined ? { live: true } : { once: true });
  return <PagedRows list={list} caption={say(name)} columns={COLUMNS[name](say)} keyOf={keyOf} />;
}

const keyOf = (row: RowsOf[RegisterName]): string | number => ('position' in row ? row.position : row.recipient);
