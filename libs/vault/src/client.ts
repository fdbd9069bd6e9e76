/** What a publisher needs of the vault: refs and encrypted personal parts. No database. */
export { isRef, normalise, subjectRef } from './identifier.js';
export { IntakeMacSigner, type Authenticated, type IntakeMacKeys } from './intake-mac.js';
export { PersonalEncryptor, type IntakePublicKey } from './intake-key.js';
