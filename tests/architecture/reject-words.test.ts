import { expect, test } from "vitest";
import { rejectWords } from "../../app/device-setup/reject-words.ts";
import { dropReasons } from "../../ingest/drop.ts";

// app and ingest never import one another, so only a test can see that they speak of the same things.
test.each(Object.keys(dropReasons))("people are told what %s is, and what they can do", (reason) => {
  expect(rejectWords(reason).title).not.toBe(reason);
  expect(rejectWords(reason).help).not.toBe("");
});
