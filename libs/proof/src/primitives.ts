/**
 * SHA-256 of the bytes: 32 new bytes. The argument may be a buffer that the caller uses again right after,
 * so an implementation must neither keep it nor be asynchronous.
 */
export type Sha256 = (data: Uint8Array) => Uint8Array;

/** The cryptography this library needs from its surroundings; '@attesta/proof/node' has Node's. */
export interface Primitives {
  sha256: Sha256;
  /** True if `signature` (64 bytes) over `message` is good under the raw 32-byte public key. False, never a throw, for anything else. */
  verifyEd25519(publicKey: Uint8Array, message: Uint8Array, signature: Uint8Array): boolean;
}
