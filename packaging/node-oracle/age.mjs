// Encrypts or decrypts standard input to standard output with npm's `age-encryption`.
//
//   node age.mjs encrypt RECIPIENT…      node age.mjs decrypt IDENTITY…

import { buffer } from "node:stream/consumers";
import { Decrypter, Encrypter } from "age-encryption";

const [mode, ...keys] = process.argv.slice(2);
const input = new Uint8Array(await buffer(process.stdin));

if (mode === "encrypt") {
  const encrypter = new Encrypter();
  for (const key of keys) encrypter.addRecipient(key);
  process.stdout.write(await encrypter.encrypt(input));
} else if (mode === "decrypt") {
  const decrypter = new Decrypter();
  for (const key of keys) decrypter.addIdentity(key);
  process.stdout.write(await decrypter.decrypt(input));
} else {
  console.error("say encrypt or decrypt");
  process.exitCode = 2;
}
