import { z } from "zod";
import { allowedHost } from "./outgoing/target.ts";

/**
 * Every environment variable of the product, read and checked once. A wrong value stops the start with a sentence that
 * names it. `.env.example` lists the same names (a test compares them).
 */

/** Thrown for what the person who starts the program can mend; printed as one line, without a stack. */
export class SetupError extends Error {
  readonly expected = true;
  override name = "SetupError";
}

const port = (fallback: number) => z.coerce.number().int().min(0).max(65535).default(fallback);
const atLeastOne = (fallback: number) => z.coerce.number().int().min(1).default(fallback);

const optionalPort = z.coerce.number().int().min(1).max(65535).optional();
const url = (protocols: string[]) =>
  z
    .string()
    .refine((text) => protocols.some((p) => text.startsWith(`${p}://`)) && URL.canParse(text), {
      message: `must be an address that begins with ${protocols.map((p) => `${p}://`).join(" or ")}`,
    })
    .optional();
const text = z.string().min(1).optional();
const origins = z
  .string()
  .default("")
  .transform((given) =>
    given
      .split(",")
      .map((one) => one.trim())
      .filter(Boolean),
  )
  .refine((all) => all.every((one) => URL.canParse(one) && new URL(one).origin === one), {
    message: "must be origins such as https://app.example.org, with commas between",
  });

export const environment = z.object({
  NODE_ENV: z.enum(["development", "test", "production"]).default("development"),
  /** Web: address and port; PUBLIC_URL is what links in mails and set-up texts say. */
  HOST: z.string().min(1).default("127.0.0.1"),
  PORT: port(3000),
  PUBLIC_URL: url(["http", "https"]),
  /** HTTP port of `energy ingest` alone (with `energy start` the web port takes the pushes as well). */
  INGEST_PORT: port(3001),
  /** How many proxies stand in front: their X-Forwarded-* headers are believed. 0: none. */
  TRUST_PROXY: z.coerce.number().int().min(0).max(10).default(0),
  DATA_DIR: z.string().min(1).default(".data"),
  DATABASE_URL: url(["postgres", "postgresql"]),
  MIGRATE_DATABASE_URL: url(["postgres", "postgresql"]),
  MQTT_PORT: port(1883),
  MQTT_TLS_PORT: optionalPort,
  MQTT_TLS_CERT: text,
  MQTT_TLS_KEY: text,
  MQTT_PUBLIC_URL: url(["mqtt", "mqtts"]),
  MQTT_URL: url(["mqtt", "mqtts"]),
  /** A file with the certificate that the external broker's is signed by, where the system does not know it. */
  MQTT_CA: text,
  /** With it, brokers that ask over HTTP may ask POST /mqtt/auth and /mqtt/acl. */
  MQTT_AUTH_SECRET: z.string().min(16, "must have at least 16 characters").optional(),
  /** Pages of other sites that may speak MQTT over WebSocket: origins, with commas between. */
  MQTT_WEBSOCKET_ORIGINS: origins,
  SIGNUP: z.enum(["open", "invite", "closed"]).default("open"),
  APP_SECRET: z.string().min(32, "must have at least 32 characters").optional(),
  /** The one before: still opens what was sealed under it, until `energy secrets rotate` has sealed it anew. */
  APP_SECRET_OLD: z.string().min(32, "must have at least 32 characters").optional(),
  RESEND_API_KEY: text,
  RESEND_BASE_URL: url(["http", "https"]),
  MAIL_FROM: text,
  VAPID_PUBLIC_KEY: text,
  VAPID_PRIVATE_KEY: text,
  TWILIO_ACCOUNT_SID: text,
  TWILIO_AUTH_TOKEN: text,
  TWILIO_BASE_URL: url(["http", "https"]),
  /** Hosts that webhooks may go to though they are private, with http and at any port: for an installation at home. */
  WEBHOOK_ALLOWED_HOSTS: z
    .string()
    .transform((list) =>
      list
        .toLowerCase()
        .split(/[\s,]+/)
        .filter(Boolean),
    )
    .refine(
      (hosts) => hosts.every((host) => allowedHost.test(host)),
      "must be names of hosts, with or without a port: homeassistant.local:8123,192.168.1.20",
    )
    .default([]),
  METRICS_TOKEN: text,
  /** What may come in, per second: 20 seconds' worth may come at once, then the sender waits. */
  LIMIT_CREDENTIAL_MESSAGES: atLeastOne(1_000),
  LIMIT_CREDENTIAL_READINGS: atLeastOne(50_000),
  LIMIT_ORGANIZATION_READINGS: atLeastOne(200_000),
  /** Calls of the HTTP API a minute at one process. */
  LIMIT_KEY_CALLS: atLeastOne(6_000),
  LIMIT_ORGANIZATION_CALLS: atLeastOne(30_000),
  LOG_LEVEL: z.enum(["fatal", "error", "warn", "info", "debug", "trace", "silent"]).default("info"),
});

export type Environment = z.infer<typeof environment>;

// On globalThis, because the built web app is a bundle with a copy of this module.
const toldLibraries = Symbol.for("energy.told-libraries");
const ours = globalThis as { [toldLibraries]?: boolean };

/**
 * Reads and checks the environment. An empty value counts as unset.
 * @throws SetupError naming the first wrong variable and what is expected of it.
 */
export function readEnvironment(source: Record<string, string | undefined> = process.env): Environment {
  const given = Object.fromEntries(Object.entries(source).filter(([, value]) => value !== ""));
  if (source === process.env && ours[toldLibraries]) delete given["NODE_ENV"];
  const result = environment.safeParse(given);
  if (!result.success) {
    const issue = result.error.issues[0]!;
    const name = String(issue.path[0]);
    throw new SetupError(`${name}=${JSON.stringify(source[name])} is wrong: ${issue.message}. See .env.example.`);
  }
  const env = result.data;
  if (env.NODE_ENV === "production" && !env.APP_SECRET) {
    throw new SetupError(
      "APP_SECRET is missing: in production, set it to at least 32 random characters (openssl rand -hex 32).",
    );
  }
  if (env.NODE_ENV === "production" && env.DATABASE_URL && /:(postgres|password|changeme)@/.test(env.DATABASE_URL)) {
    throw new SetupError(
      "DATABASE_URL carries a default password: in production, give the database a password of its own.",
    );
  }
  const tls = [env.MQTT_TLS_PORT, env.MQTT_TLS_CERT, env.MQTT_TLS_KEY].filter((value) => value !== undefined);
  if (tls.length !== 0 && tls.length !== 3) {
    throw new SetupError("MQTT_TLS_PORT, MQTT_TLS_CERT and MQTT_TLS_KEY go together: set all three or none.");
  }
  return env;
}

/** What people are told to open: PUBLIC_URL, or host and port. */
export function publicUrl(env: Environment): string {
  if (env.PUBLIC_URL) return env.PUBLIC_URL.replace(/\/+$/, "");
  return `http://${env.HOST === "0.0.0.0" ? "127.0.0.1" : env.HOST}:${env.PORT}`;
}

/**
 * Tells libraries that decide by NODE_ENV at load time (React) that what runs is built, unless somebody said otherwise. What
 * production demands of the installation (APP_SECRET) is asked of the environment as it was given.
 */
export function tellLibrariesItIsBuilt(): void {
  if (process.env["NODE_ENV"] !== undefined) return;
  process.env["NODE_ENV"] = "production";
  ours[toldLibraries] = true;
}
