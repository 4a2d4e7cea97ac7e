import type { ActionFunctionArgs, LoaderFunctionArgs } from "@remix-run/node";
import { dispatch } from "../api/dispatch.server.ts";

/** The whole API is one table (app/api/catalogue.server.ts): Remix only hands the request over. */
export const loader = ({ request }: LoaderFunctionArgs) => dispatch(request);
export const action = ({ request }: ActionFunctionArgs) => dispatch(request);
