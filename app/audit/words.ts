/** The audit log's actions and columns in the words of the pages. What is not in a table here is shown as it is called. */
const kinds: Record<string, string> = {
  account: "Account",
  api_key: "API key",
  audit: "Audit log",
  bill_check: "Bill check",
  channel: "Channel",
  contract: "Contract",
  contract_version: "Contract version",
  correction: "Correction",
  credential: "Credential",
  deletion: "Deletion of the organization",
  device: "Device",
  export: "Export",
  import: "Import",
  invitation: "Invitation",
  membership: "Member",
  meter_group: "Room",
  organization: "Organization",
  site: "Place",
  support: "Support",
  virtual_meter: "Virtual meter",
  webhook: "Webhook",
};

const verbs: Record<string, string> = {
  created: "made",
  "signed-in": "signed in",
  "signed-out": "signed out",
  "sign-in-failed": "failed to sign in",
  fetched: "downloaded",
  read: "looked at",
};

export const kindWords = (kind: string): string => kinds[kind] ?? kind.replaceAll("_", " ");

/** "Device changed". */
export function actionWords(action: string): string {
  const [kind = "", verb = ""] = action.split(".");
  return `${kindWords(kind)} ${verbs[verb] ?? verb.replaceAll("-", " ")}`;
}

/** What the form offers: the beginning of actions, and what it is called. */
export const actionChoices: readonly { value: string; label: string }[] = [
  { value: "account.sign", label: "Signing in and out" },
  { value: "credential.shown", label: "Credentials shown" },
  ...Object.entries(kinds).map(([kind, label]) => ({ value: `${kind}.`, label })),
];

const who = {
  person: "",
  key: "API key ",
  device: "Device ",
  job: "Job ",
  command: "Command ",
  system: "The system",
} as const;

export function actorWords({ actor, actorName }: { actor: keyof typeof who; actorName: string | null }): string {
  if (actor === "person") return actorName ?? "Somebody not signed in";
  return `${who[actor]}${actorName ?? ""}`.trim();
}

/** "price_per_kwh" → "price per kwh". */
export const columnWords = (column: string): string => column.replaceAll("_", " ").replaceAll(".", " ");

/** A value as a person reads it: texts as they are, what has parts as JSON. */
export function valueWords(value: unknown): string {
  if (value === null || value === undefined || value === "") return "–";
  return typeof value === "string" ? value : JSON.stringify(value, null, 1);
}

export interface Difference {
  column: string;
  before: string;
  after: string;
}

/** The columns of an entry beside each other, in the order of their names. */
export function differences(
  before: Record<string, unknown> | null,
  after: Record<string, unknown> | null,
): Difference[] {
  const columns = new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})]);
  return [...columns].sort().map((column) => ({
    column: columnWords(column),
    before: valueWords(before?.[column]),
    after: valueWords(after?.[column]),
  }));
}
