/** Whether an error says that the database is not there at this moment, rather than that it refused something. */
export function isUnreachable(error: unknown): boolean {
  const { code, message, errors } = error as { code?: string; message?: string; errors?: unknown[] };
  if (code && (lost.has(code) || code.startsWith("08"))) return true;
  if (Array.isArray(errors) && errors.length > 0) return errors.every(isUnreachable);
  return /^(Connection terminated|timeout exceeded when trying to connect)/.test(message ?? "");
}

// Of the network; and Postgres' own: shut down (57P01-03), too many connections (53300).
const network = ["ECONNREFUSED", "ECONNRESET", "ENOTFOUND", "EAI_AGAIN", "EPIPE", "ETIMEDOUT", "EHOSTUNREACH"];
const lost = new Set([...network, "57P01", "57P02", "57P03", "53300"]);
