import { portableSha256, type Primitives } from '@attesta/proof';
import { ed25519 } from '@noble/curves/ed25519.js';

/** Cryptography of a browser without a server's help; not WebCrypto, which is asynchronous and wants HTTPS. */
export const browserPrimitives: Primitives = {
  sha256: portableSha256,
  verifyEd25519(publicKey, message, signature) {
    try {
      return ed25519.verify(signature, message, publicKey, { zip215: false });
    } catch {
      return false;
    }
  },
};
