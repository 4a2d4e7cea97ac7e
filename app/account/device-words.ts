import Bowser from "bowser";

/** A browser in words, of what it calls itself: "Firefox on Windows", "Safari on iPhone". It is no proof of anything. */
export function deviceWords(userAgent: string): string {
  if (!userAgent.trim()) return "Unknown device";
  const { browser, os, platform } = Bowser.parse(userAgent);
  const device = platform.model && /iPhone|iPad/.test(platform.model) ? platform.model : os.name;
  if (browser.name && device) return `${browser.name} on ${device}`;
  return browser.name || device || "Unknown device";
}
