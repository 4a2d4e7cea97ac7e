import { database } from "../tests/support/database.ts"; export const x = database;
