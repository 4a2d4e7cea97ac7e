import type { Preview } from "./preview.server.ts";

/** What the page answers to a correction: the preview that was asked for, or what is wrong by field. */
export interface CorrectionAnswer {
  saved: boolean;
  errors?: Partial<Record<string, string>>;
  /** null: there is nothing any more that could be undone. */
  preview?: Preview | null;
}
