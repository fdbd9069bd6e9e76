import type { PackageLanguage } from './package-input.js';
import { en } from './package-words-en.js';
import { th } from './package-words-th.js';

type Words<T> = {
  [K in keyof T]: T[K] extends string
    ? string
    : T[K] extends (...given: infer A) => string
      ? (...given: A) => string
      : T[K] extends string[]
        ? string[]
        : Words<T[K]>;
};

export type PackageWords = Words<typeof en>;

export const WORDS: Readonly<Record<PackageLanguage, PackageWords>> = { en, th };

/** The word for an id, or the id itself, made readable. */
export function word(words: Readonly<Record<string, string>>, id: string): string {
  return (Object.hasOwn(words, id) ? words[id] : undefined) ?? id.replaceAll('-', ' ');
}

const DURATION = /(\d+)([YMWDHS])/g;

/** An ISO 8601 duration in words; nothing of a length of nothing. */
export function durationIn(words: PackageWords, duration: string): string {
  const [date = '', time = ''] = duration.slice(1).split('T');
  const parts = [...date.matchAll(DURATION), ...time.replace('M', 'm').matchAll(/(\d+)([HmS])/g)];
  const said = parts.flatMap(([, count = '0', unit = 'D']) => {
    const [one = '', many = ''] = words.units[unit as keyof PackageWords['units']];
    return Number(count) === 0 ? [] : [`${Number(count)} ${Number(count) === 1 ? one : many}`];
  });
  return said.join(' ');
}
