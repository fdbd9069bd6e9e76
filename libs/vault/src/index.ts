export { isRef, normalise, refOf, subjectRef, type Identifier } from './identifier.js';
export { hmacSha256 } from './hmac.js';
export { IntakeKey, IntakeKeyError, PersonalEncryptor, type IntakePublicKey } from './intake-key.js';
export { IntakeMac, IntakeMacSigner, type Authenticated, type IntakeMacKeys, type MacFault, type MacSecret } from './intake-mac.js';
export {
  KeyEncryptionKeyMissing,
  KeyProviderFailure,
  KeyProviderUnavailable,
  WrappedKeyAltered,
  type KeyProvider,
  type WrappedKey,
} from './key-provider.js';
export { KeyProviders } from './key-providers.js';
export { addKeyringKey, readKeyring, removeKeyringKey } from './keyring-rotation.js';
export { countByKek, rewrapAll, VAULT_COLUMNS, type RewrapOptions, type Rewrapped, type WrappedColumn } from './rewrapping.js';
export { KmsProvider, type KmsOptions } from './kms-provider.js';
export { LocalKeyring, type KeyringFile } from './local-keyring.js';
export { createSecretFile, readIfThere, replaceSecretFile } from './secret-file.js';
export { TransitProvider, type TransitOptions } from './transit-provider.js';
export type { Carried, Closed, Closing, Destruction, Order } from './destruction.js';
export type { Subject, Wanted } from './directory.js';
export { ErasureJournal, type ErasedPart, type Erasure, type Remembered } from './erasure-journal.js';
export { follow, followed, followedTable, followOn, type Followed } from './followed.js';
export { destroyAgain, loseUnknown, type Again } from './restored.js';
export { vaultDisposals, vaultGrants, vaultTables } from './vault.schema.js';
export { Strongbox, type Box } from './strongbox.js';
export { Vault, type ClosedPart, type Opened } from './vault.js';
