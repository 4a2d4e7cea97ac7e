/**
 * Zod makes functions of texts where it may, and tries it to find out. The policy forbids it, and a browser reports the try: so it is
 * told before the first schema is made. The root imports this ahead of all pages; on the server it may.
 */
if (typeof document !== "undefined") Object.assign(globalThis, { __zod_globalConfig: { jitless: true } });

export {};
