/** Of what has to be done by a time: that it is late, or that little is left. */
export const isPressing = (due: string | null, now: number, withinMs: number): boolean => due !== null && Date.parse(due) - now <= withinMs;

export const THREE_DAYS_MS = 3 * 86_400_000;
