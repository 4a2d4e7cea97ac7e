import { page } from "../app/page.ts"; export const x = page;
