import { Link } from "@remix-run/react";
import { ArrowLeft } from "lucide-react";
import type { ReactNode } from "react";
import { PageTitle } from "../components/frame.tsx";
import { textLink } from "../components/form.tsx";

/** The frame of the account's pages: they belong to a person, not to a place. */
export function AccountFrame({
  title,
  back,
  children,
}: {
  title: string;
  back: { to: string; label: string };
  children: ReactNode;
}) {
  return (
    <main className="mx-auto max-w-3xl px-4 pb-16 pt-4 sm:px-6">
      <Link to={back.to} className={`mb-2 gap-2 text-sm ${textLink}`}>
        <ArrowLeft className="h-4 w-4" aria-hidden /> {back.label}
      </Link>
      <PageTitle>{title}</PageTitle>
      <div className="space-y-6">{children}</div>
    </main>
  );
}
