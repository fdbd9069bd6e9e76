export { ERASURE_ASKED, meaning, schedule, type Action, type Holding, type Keeping, type Occurrence, type Schedule } from './schedule.js';
