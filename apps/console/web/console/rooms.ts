import type { Role } from './session.js';

/** The rooms of the console, in the order of the menu, and who may enter. Operators see how the system is, and no person. */
export const ROOMS = [
  { path: '', name: 'overview', roles: ['dpo', 'auditor'] },
  { path: 'search', name: 'search', roles: ['dpo', 'auditor'] },
  { path: 'people', name: 'people', roles: ['dpo', 'auditor'] },
  { path: 'registers', name: 'registers', roles: ['dpo', 'auditor'] },
  { path: 'requests', name: 'requests', roles: ['dpo', 'auditor'] },
  { path: 'retention', name: 'retention', roles: ['dpo', 'auditor'] },
  { path: 'findings', name: 'findings', roles: ['dpo', 'auditor'] },
  { path: 'breaches', name: 'breaches', roles: ['dpo', 'auditor'] },
  { path: 'notice', name: 'notice', roles: ['dpo', 'auditor'] },
  { path: 'exports', name: 'exports', roles: ['dpo', 'auditor'] },
  { path: 'health', name: 'health', roles: ['operator', 'auditor'] },
] as const satisfies readonly { path: string; name: string; roles: readonly Role[] }[];

export type Room = (typeof ROOMS)[number]['name'];

export const roomsOf = (roles: readonly Role[]) => ROOMS.filter((room) => room.roles.some((role) => roles.includes(role)));
