import type { LoaderFunctionArgs } from "@remix-run/node";
import { downloadAudit } from "../audit/download.server.ts";

export const loader = ({ request }: LoaderFunctionArgs) => downloadAudit(request, "jsonl");
