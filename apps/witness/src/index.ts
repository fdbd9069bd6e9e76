export { listenerOf, type ListenerOptions } from './listener.js';
export { Witness, type Answer, type WitnessOptions } from './witness.js';
