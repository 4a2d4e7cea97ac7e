import { createHash, timingSafeEqual } from "node:crypto";
import express, { Router, type NextFunction, type Request, type Response } from "express";
import { z } from "zod";
import type { Environment } from "../../platform/env.ts";
import type { Log } from "../../platform/log.ts";
import type { Identify, Identified } from "../identify.ts";
import { brokerAddress } from "../mqtt/address.ts";
import type { Senders } from "../senders.ts";

/**
 * What external brokers ask over HTTP: may this client log in (POST /mqtt/auth), may it use this topic (POST /mqtt/acl)?
 * JSON as EMQX 5 sends it is answered as EMQX reads it (docs.emqx.com, "Use HTTP Service"); forms as mosquitto-go-auth and
 * EMQX 4 send them are answered by the status alone, 200 or 403.
 * Off (404) without MQTT_AUTH_SECRET, which has to be shown as a bearer token or as `secret` in the query.
 */
export interface QuestionOptions {
  env: Environment;
  identify: Identify;
  senders: Senders;
  isDown: () => boolean;
  log: Log;
}

/** "ignore": not one of ours, ask your next source. */
type Result = "allow" | "deny" | "ignore";

const login = z.object({ username: z.string(), password: z.string().default("") });
const use = z.object({ username: z.string(), topic: z.string() });

export function brokerQuestions({ env, identify, senders, isDown, log }: QuestionOptions): Router {
  const router = Router();
  const paths = ["/mqtt/auth", "/mqtt/acl"];
  router.post(paths, (request, response, next) => {
    if (!env.MQTT_AUTH_SECRET) return void response.status(404).end();
    if (!shows(request, env.MQTT_AUTH_SECRET)) return void response.status(401).end();
    if (isDown()) return void response.status(503).end();
    next();
  });
  router.use(paths, express.json({ limit: "100kb" }), express.urlencoded({ extended: false, limit: "100kb" }));
  router.post("/mqtt/auth", (request, response, next) => {
    const asked = login.safeParse(request.body);
    if (!asked.success) return void response.status(400).end();
    mayLogIn(asked.data).then((result) => answer(request, response, result), next);
  });
  router.post("/mqtt/acl", (request, response, next) => {
    const asked = use.safeParse(request.body);
    if (!asked.success) return void response.status(400).end();
    mayUse(asked.data).then((result) => answer(request, response, result), next);
  });
  router.use(
    paths,
    (error: Error & { status?: number }, _request: Request, response: Response, _next: NextFunction) => {
      if (!error.status) log.warn({ reason: error.message }, "a broker's question could not be answered");
      response.status(error.status ?? 503).end();
    },
  );

  const ingest = env.MQTT_URL ? brokerAddress(env.MQTT_URL, env) : null;

  async function mayLogIn({ username, password }: z.infer<typeof login>): Promise<Result> {
    if (username === ingest?.username) return equal(password, ingest.password ?? "") ? "allow" : "deny";
    const identified = await identify.identify({ username, secret: password });
    if (identified.ok) return isUserName(identified, username) ? "allow" : "deny";
    return identified.reason === "unknown-credential" ? "ignore" : "deny";
  }

  // Below `t/` there is nothing but devices: whoever is not known has no business there.
  async function mayUse({ username, topic }: z.infer<typeof use>): Promise<Result> {
    const path = topic.replace(/^[$]share[/][^/]+[/]/, "");
    const isDevices = path.startsWith("t/") || /^[+#]/.test(path);
    if (username === ingest?.username) return isDevices ? "allow" : "ignore";
    const identified = await senders.find(username);
    if (identified.ok) return topic.startsWith(`t/${identified.identity.username}/`) ? "allow" : "deny";
    return isDevices || identified.reason !== "unknown-credential" ? "deny" : "ignore";
  }

  return router;
}

// The topic carries the user name, so a token in its place would lead nowhere.
const isUserName = (identified: Identified & { ok: true }, username: string) =>
  identified.identity.username === username;

function answer(request: Request, response: Response, result: Result): void {
  if (request.is("json")) response.json({ result, is_superuser: false });
  else response.status(result === "allow" ? 200 : 403).end();
}

function shows({ headers, query }: Request, secret: string): boolean {
  const [, bearer] = /^Bearer (.+)$/i.exec(headers.authorization ?? "") ?? [];
  const shown = bearer ?? query["secret"];
  return typeof shown === "string" && equal(shown, secret);
}

// Of equal length whatever they are.
const digest = (text: string) => createHash("sha256").update(text).digest();
const equal = (a: string, b: string) => timingSafeEqual(digest(a), digest(b));
