import { randomBytes } from "node:crypto";
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { SetupError, type Environment } from "../platform/env.ts";

/**
 * The secret under which an installation encrypts and signs: APP_SECRET. Outside production, where none is demanded, it is
 * made at the first use and kept in DATA_DIR/app-secret, so that all processes of the machine share it.
 * @throws SetupError when that file cannot be made or read, or holds fewer than 32 characters.
 */
export function appSecret({ APP_SECRET, DATA_DIR }: Pick<Environment, "APP_SECRET" | "DATA_DIR">): string {
  if (APP_SECRET) return APP_SECRET;
  const file = join(DATA_DIR, "app-secret");
  let secret: string;
  try {
    secret = read(file) ?? make(file);
  } catch (error) {
    throw new SetupError(`APP_SECRET is not set, and ${file} cannot be used: ${(error as Error).message}.`);
  }
  if (secret.length < 32)
    throw new SetupError(`${file} must hold at least 32 characters: restore it, or set APP_SECRET.`);
  return secret;
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8").trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "ENOENT") throw error;
  }
}

// Linked into place, so that of two processes which start together one wins and neither reads half a file.
function make(file: string): string {
  mkdirSync(join(file, ".."), { recursive: true });
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, randomBytes(32).toString("hex"), { mode: 0o600 });
  try {
    linkSync(draft, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  } finally {
    rmSync(draft);
  }
  return readFileSync(file, "utf8").trim();
}
