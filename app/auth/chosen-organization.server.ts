/** Which of their organizations a person chose last in this browser: a convenience, never a proof of membership. */
const name = "organization";

export function chosenOrganization(request: Request): string | null {
  const [, id] = /(?:^|;\s*)organization=([0-9a-f-]{36})/.exec(request.headers.get("cookie") ?? "") ?? [];
  return id ?? null;
}

/** The Set-Cookie header that remembers it for a year. */
export const rememberOrganization = (id: string): string =>
  `${name}=${id}; Path=/; Max-Age=31536000; HttpOnly; SameSite=Lax`;
