import type { ActionFunctionArgs, LoaderFunctionArgs } from "@remix-run/node";
import { dispatch } from "../api/dispatch.server.ts";

/** The whole API is one table (app/api/catalogue.server.ts): Remix only hands the request over. */
export const loader = ({ request, context }: LoaderFunctionArgs) => dispatch(request, context.unsentBytes);
export const action = ({ request, context }: ActionFunctionArgs) => dispatch(request, context.unsentBytes);
