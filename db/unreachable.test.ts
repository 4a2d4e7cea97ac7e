import { expect, test } from "vitest";
import { isUnreachable } from "./unreachable.ts";

const coded = (code: string, message = "") => Object.assign(new Error(message), { code });

test.each([
  coded("ECONNREFUSED"),
  new AggregateError([coded("ECONNREFUSED"), coded("ECONNREFUSED")]),
  coded("57P01", "terminating connection due to administrator command"),
  coded("08006"),
  new Error("Connection terminated unexpectedly"),
  new Error("timeout exceeded when trying to connect"),
])("%s: the database is gone", (error) => expect(isUnreachable(error)).toBe(true));

test.each([coded("23505", "duplicate key"), coded("42601"), new Error("not an id"), new AggregateError([]), "text"])(
  "%s: it is there",
  (error) => expect(isUnreachable(error)).toBe(false),
);
