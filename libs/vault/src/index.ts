export { isRef, normalise, refOf, subjectRef, type Identifier } from './identifier.js';
export { hmacSha256 } from './hmac.js';
export { IntakeKey, IntakeKeyError, PersonalEncryptor, type IntakePublicKey } from './intake-key.js';
export { KeyEncryptionKeyMissing, LocalKeyring, type KeyProvider, type WrappedKey } from './key-provider.js';
export { vaultGrants, vaultTables } from './vault.schema.js';
export type { Subject, Wanted } from './directory.js';
export { Vault, type Destruction, type Opened } from './vault.js';
