/** What was written in a field, without spaces around it; undefined for nothing. */
export function textOf(form: FormData, name: string): string | undefined {
  const value = form.get(name);
  const text = typeof value === 'string' ? value.trim() : '';
  return text === '' ? undefined : text;
}

/** What was ticked of several; undefined for nothing. */
export function allOf(form: FormData, name: string): string[] | undefined {
  const values = form.getAll(name).filter((value) => typeof value === 'string');
  return values.length > 0 ? values : undefined;
}

export function numberOf(form: FormData, name: string): number | undefined {
  const text = textOf(form, name);
  return text === undefined ? undefined : Number(text);
}

/** A time of a `datetime-local` field, which is in the reader's time zone, as RFC 3339 in UTC. */
export function timeOf(form: FormData, name: string): string | undefined {
  const text = textOf(form, name);
  return text === undefined ? undefined : new Date(text).toISOString();
}

/** A day of a `date` field: its last moment in the reader's time zone, as RFC 3339 in UTC. Who says "until" means that day too. */
export function endOfDayOf(form: FormData, name: string): string | undefined {
  const text = textOf(form, name);
  return text === undefined ? undefined : new Date(`${text}T23:59:59.999`).toISOString();
}

/** Lines that say something. */
export function linesOf(form: FormData, name: string): string[] {
  return (textOf(form, name) ?? '')
    .split(/[\n,]/)
    .map((line) => line.trim())
    .filter((line) => line !== '');
}

/** A time as a `datetime-local` field shows it, in the reader's time zone. */
export function localTime(time: string | undefined): string | undefined {
  if (time === undefined) return undefined;
  const at = new Date(time);
  return new Date(at.getTime() - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}
