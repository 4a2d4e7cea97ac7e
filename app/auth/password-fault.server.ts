import { ZxcvbnFactory } from "@zxcvbn-ts/core";
import { adjacencyGraphs, dictionary } from "@zxcvbn-ts/language-common";

export const shortestPassword = 10;
export const longestPassword = 200;

/** What an installation of this product makes people think of. */
const product = ["energy", "tracking", "energytracking", "energie", "strom"];

/** Fewer characters than this beside one's own names are no password. */
const leastOfItsOwn = 6;
/** Shorter words are in everything. */
const shortestContext = 4;
/** A million guesses and a password is no longer among the first that anybody tries (zxcvbn's score 2). */
const leastScore = 2;
/** What is looked at of longer ones: the search takes time with the square of it. */
const longestLookedAt = 64;

/** The lists are unpacked for the first password that anybody chooses. */
let factory: ZxcvbnFactory | undefined;
const known = () =>
  (factory ??= new ZxcvbnFactory({ dictionary, graphs: adjacencyGraphs, maxLength: longestLookedAt }));

/**
 * What is wrong with a new password; null: nothing. Refused are the commonest (49,000 of leaked lists), also with a digit or a sign
 * put to them, rows of keys, dates, repetitions, and what is made of `about`.
 *
 * @param about What others know of the person: e-mail address, name, organization.
 */
export function passwordFault(password: string, about: readonly string[] = []): string | null {
  if (password.length < shortestPassword)
    return `Use at least ${shortestPassword} characters; a few words in a row are good.`;
  if (password.length > longestPassword) return `Use at most ${longestPassword} characters.`;
  if (new Set(password).size < 4) return "Use more than three different characters.";
  const context = contextOf(about);
  const rest = context.reduce((text, word) => text.replaceAll(word, ""), password.toLowerCase());
  if (rest.length < password.length && rest.length < leastOfItsOwn)
    return "This is made of your name, your address or the name of this product: others would try it first. Add words that nobody connects with you.";
  const { score, feedback } = known().check(password, context);
  if (score >= leastScore) return null;
  const why = reasons[feedback.warning ?? ""] ?? "it is easy to guess";
  return `This is among the first that are tried: ${why}. A few words that do not belong together are good.`;
}

/** The words of it, the longest first: of "anna@example.org" all of it, "anna", "example.org" and "example". */
function contextOf(about: readonly string[]): string[] {
  const words = [...product, ...about].flatMap((text) => {
    const lower = text.toLowerCase();
    return [lower, ...lower.split("@"), ...lower.split(/[^\p{L}\p{N}]+/u)];
  });
  return [...new Set(words)].filter((word) => word.length >= shortestContext).sort((a, b) => b.length - a.length);
}

const reasons: Record<string, string> = {
  ...{ straightRow: "it is a row of keys", keyPattern: "it is a pattern of keys" },
  ...{ simpleRepeat: "it repeats a character", extendedRepeat: "it repeats the same few characters" },
  ...{ sequences: "it counts up or down", recentYears: "it has a year in it", dates: "it is a date" },
  ...{ topTen: "it is one of the ten commonest passwords", topHundred: "it is one of the hundred commonest passwords" },
  ...{ common: "it is one of the commonest passwords", similarToCommon: "it is nearly one of the commonest passwords" },
  ...{ pwned: "it was in a leak", wordByItself: "it is a single word", userInputs: "others know these words of you" },
};
