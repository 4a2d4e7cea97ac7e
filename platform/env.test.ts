import { afterEach, describe, expect, it, vi } from "vitest";
import { readEnvironment, tellLibrariesItIsBuilt } from "./env.ts";

afterEach(() => vi.unstubAllEnvs());

describe("what production demands", () => {
  it("is asked where production was given", () => {
    expect(() => readEnvironment({ NODE_ENV: "production" })).toThrow(/^APP_SECRET is missing/);
    vi.stubEnv("NODE_ENV", "production");
    vi.stubEnv("APP_SECRET", "");
    tellLibrariesItIsBuilt();
    expect(() => readEnvironment()).toThrow(/^APP_SECRET is missing/);
  });

  it("is not asked because libraries were told that the program is built", () => {
    vi.stubEnv("NODE_ENV", undefined);
    vi.stubEnv("APP_SECRET", "");
    tellLibrariesItIsBuilt();
    expect(process.env["NODE_ENV"]).toBe("production");
    expect(readEnvironment().NODE_ENV).toBe("development");
  });
});
