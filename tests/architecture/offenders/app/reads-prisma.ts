import { PrismaClient } from "../generated/prisma/client.ts"; export const x = PrismaClient;
