/** What a form of the account's pages gets back. */
export interface AccountAnswer {
  /** Which form it was. */
  intent: string;
  /** By field; `form` for the form as a whole. */
  errors: Readonly<Record<string, string | undefined>>;
  /** What was done, in words; null: nothing was. */
  done: string | null;
  /** Recovery codes, the one time that they are shown. */
  codes?: readonly string[];
}
