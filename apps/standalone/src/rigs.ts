// What the fault harness has in common with the specs here; never part of a running system.
export { AttackedLog, type Visit } from './attacked-log-rig.js';
export { Backups } from './backups.js';
export { KilledSystem } from './killed-system-rig.js';
