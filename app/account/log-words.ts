/** An entry of a person's own log in a sentence. What has none is told as what was changed. */
interface Happened {
  action: string;
  before: Record<string, unknown> | null;
  after: Record<string, unknown> | null;
}

const sentences: Record<string, string> = {
  "account.created": "The account was made",
  "account.signed-in": "Logged in",
  "account.signed-out": "Logged out",
  "account.sign-in-failed": "Somebody tried to log in and failed",
  "account.session-ended": "Another device was logged out",
  "two_factor.deleted": "Two-factor login was switched off",
};

const columns: Record<string, string> = {
  password_hash: "The password was changed",
  email: "The e-mail address was changed",
  email_verified_at: "The e-mail address was confirmed",
  name: "The name was changed",
};

export function happenedWords({ action, before, after }: Happened): string {
  if (action === "account.session-ended" && after?.["device"])
    return `${sentences[action]}: ${after["device"] as string}`;
  if (sentences[action]) return sentences[action];
  if (action.startsWith("two_factor."))
    return after?.["confirmed_at"] ? "Two-factor login was switched on" : "Two-factor login was begun to be set up";
  const changed = Object.keys(after ?? before ?? {});
  const told = Object.keys(columns).filter((column) => changed.includes(column));
  return told.length ? told.map((column) => columns[column]!).join(". ") : "The account was changed";
}
