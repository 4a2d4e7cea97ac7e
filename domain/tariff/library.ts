import deFlat from "./library/de-flat.json" with { type: "json" };

const tariffs: Record<string, object> = { "de-flat": deFlat };

export const libraryNames = (): string[] => Object.keys(tariffs);

export const libraryJson = (name: string): object | null => (Object.hasOwn(tariffs, name) ? tariffs[name]! : null);
