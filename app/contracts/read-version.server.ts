import { parseJson } from "../api/request.server.ts";
import { parseDay } from "../../domain/local-time/civil-day.ts";
import { versionFault, type EnteredVersion } from "../costs/enter-version.ts";

/** What the form of a version says: its tariff as JSON, its first day, and a note. */
export interface VersionForm extends EnteredVersion {
  note: string;
}

export interface VersionErrors {
  name?: string;
  validFrom?: string;
  note?: string;
  tariff?: string;
}

export type ReadVersion = { ok: true; version: VersionForm } | { ok: false; errors: VersionErrors };

const longestNote = 500;

/** @param of what the contract is for, and the versions that it has. */
export function readVersion(form: FormData, of: Parameters<typeof versionFault>[1]): ReadVersion {
  const text = (name: string) => String(form.get(name) ?? "").trim();
  const version = { validFrom: text("validFrom"), note: text("note"), tariff: jsonOf(text("tariff")) };
  const errors: VersionErrors = {};
  if (parseDay(version.validFrom) === null) errors.validFrom = "Choose the first day that these prices hold.";
  if (version.note.length > longestNote) errors.note = `At most ${longestNote} characters.`;
  const fault = errors.validFrom ? null : versionFault(version, of);
  if (fault) errors.tariff = `These prices cannot be saved: ${fault}.`;
  return Object.keys(errors).length > 0 ? { ok: false, errors } : { ok: true, version };
}

/** What is no JSON is no tariff either, which the fault says. NUL cannot be stored. */
function jsonOf(text: string): unknown {
  try {
    return text.includes("\\u0000") ? null : parseJson(text);
  } catch {
    return null;
  }
}
