import type { Policy } from '@attesta/policy';
import { NotNow } from './not-now.js';
import { deadlineOf } from './request.clock.js';
import { openTasks, type RequestEvent, type RequestState, type Spared } from './request.state.js';

/** What a request ends with. */
export interface Ending {
  package?: { digest: string; expires: string };
  /** How the disposal of what the ledger itself holds ended: an erasure is not fulfilled without it. */
  disposal?: { outcome: 'complete' | 'partial'; survivors: Spared[] };
}

/** As many survivors as an event holds. */
const MOST_SURVIVORS = 64;

/** Every system has done its part of an erasure: the ledger's own is retention's. @param survivors what the law, or a hold, keeps */
export function instruction(state: RequestState, survivors: readonly Spared[]): RequestEvent {
  if (state.right !== 'erasure') throw new NotNow('no-erasure', 'The request does not ask for erasure.', 'Fulfil it.');
  if (state.instructed) throw new NotNow('erasing', 'The erasure is instructed already.', 'Wait until it is done.');
  mustBeAnswered(state);
  return { type: 'attesta.request.erasure-instructed.v1', data: { categories: state.erased ?? [], survivors: tellable(survivors) } };
}

/** An erasure of which everything was refused: there is nothing that the ledger should destroy. */
export const isRefusedWhole = ({ erased = [], refused }: RequestState): boolean => erased.length === 0 && refused.length > 0;

export function fulfilment(policy: Policy, state: RequestState, { package: made, disposal }: Ending, now: number): RequestEvent[] {
  mustBeAnswered(state);
  if (state.right === 'erasure' && !(state.instructed ? disposal : isRefusedWhole(state)))
    throw new NotNow('not-destroyed', 'What the ledger itself holds is not destroyed yet.', 'Wait until its disposal is completed.');
  const survivors = tellable([...state.survivors, ...(disposal?.survivors ?? []), ...state.refused]);
  const acknowledgements = distinct(Object.values(state.tasks).map(({ system, outcome }) => ({ system, outcome: outcome! })));
  const isPartial =
    survivors.length > 0 || disposal?.outcome === 'partial' || acknowledgements.some(({ outcome }) => outcome === 'overridden');
  const due = deadlineOf(policy, state);
  const packaged: RequestEvent[] = made ? [{ type: 'attesta.request.package-made.v1', data: made }] : [];
  return [
    ...packaged,
    {
      type: 'attesta.request.fulfilled.v1',
      data: {
        outcome: isPartial ? 'partial' : 'complete',
        ...(due && { inTime: now < Date.parse(due.overdueFrom) && !state.told.some((one) => one.startsWith('missed ')) }),
        ...(survivors.length > 0 && { survivors }),
        ...(acknowledgements.length > 0 && { acknowledgements }),
      },
    },
  ];
}

function mustBeAnswered(state: RequestState): void {
  const waiting = openTasks(state).length;
  if (waiting > 0)
    throw new NotNow('tasks-open', `Systems that have not answered: ${waiting}.`, 'Wait for them, or settle their tasks by hand.');
}

/** Each once; where there are more reasons than an event holds, one for each category. */
function tellable(survivors: readonly Spared[]): Spared[] {
  const each = distinct(survivors);
  if (each.length <= MOST_SURVIVORS) return each;
  return [...new Map(each.map((one) => [one.category, one])).values()].slice(0, MOST_SURVIVORS);
}

/** The same said twice, as by two systems that keep the same on the same law, is said once. */
const distinct = <T extends object>(all: readonly T[]): T[] => [
  ...new Map(all.map((one) => [JSON.stringify(Object.entries(one).sort()), one])).values(),
];
