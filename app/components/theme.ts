export const themes = ["system", "light", "dark"] as const;
export type Theme = (typeof themes)[number];

/** The theme that the cookie says; none: the system's. */
export function themeOf(cookie: string | null): Theme {
  const [, found] = /(?:^|;\s*)theme=(\w+)/.exec(cookie ?? "") ?? [];
  return themes.find((theme) => theme === found) ?? "system";
}
