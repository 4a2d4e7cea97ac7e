import { redirect, type ActionFunctionArgs } from "@remix-run/node";
import { checkOrigin, ownPath } from "../auth/require-member.server.ts";
import { readForm } from "../components/read-form.server.ts";
import { themes } from "../components/theme.ts";

export const loader = () => redirect("/");

/** Keeps the wanted theme in a cookie for a year. */
export async function action({ request }: ActionFunctionArgs) {
  checkOrigin(request);
  const form = await readForm(request);
  const theme = themes.find((name) => name === form.get("theme")) ?? "system";
  const cookie = `theme=${theme}; Path=/; Max-Age=31536000; SameSite=Lax`;
  return redirect(ownPath(String(form.get("next") ?? "/")), { headers: { "set-cookie": cookie } });
}
