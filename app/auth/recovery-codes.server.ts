import { createHash, randomBytes } from "node:crypto";

/** Ten codes, each to get in once without the app. Without i, l, o and u, so that none is read wrongly or as a word. */
const alphabet = "0123456789abcdefghjkmnpqrstvwxyz";
const groups = 6;
const groupLength = 4;

export const codeCount = 10;

/** 120 random bits: "k7xm-2qpd-9wa3-hh0c-5v1t-e8rn". A byte's five lowest bits choose a character, each equally likely. */
function makeCode(): string {
  const characters = [...randomBytes(groups * groupLength)].map((byte) => alphabet[byte % alphabet.length]!).join("");
  return characters.match(/.{4}/g)!.join("-");
}

/** What is shown once, and what is kept. */
export function makeRecoveryCodes(): { codes: string[]; hashes: string[] } {
  const codes = Array.from({ length: codeCount }, makeCode);
  return { codes, hashes: codes.map(hashRecoveryCode) };
}

/** However it was typed: case, spaces and dashes do not matter, and letters that look like digits are those. */
export function hashRecoveryCode(typed: string): string {
  const plain = typed.slice(0, 200).toLowerCase().replace(/[\s-]/g, "").replaceAll("o", "0").replace(/[il]/g, "1");
  return createHash("sha256").update(plain).digest("hex");
}
