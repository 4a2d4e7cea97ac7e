import type { z } from "zod";
import type { Letter } from "./letter.ts";

/** One kind of mail: what it must be told, and the letter that follows. */
export interface Template<S extends z.ZodType> {
  data: S;
  write: (data: z.infer<S>) => Letter;
}

export const template = <S extends z.ZodType>(data: S, write: (data: z.infer<S>) => Letter): Template<S> => ({
  data,
  write,
});
