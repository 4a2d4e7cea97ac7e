import { Link } from "@remix-run/react";

const words: Record<number, { title: string; text: string }> = {
  403: { title: "Not allowed", text: "Your role in this organization does not allow this. Ask its owner or an admin." },
  404: { title: "Nothing here", text: "This page does not exist, or it belongs to somebody else." },
  429: { title: "Too many tries", text: "Wait a moment, then try again." },
  503: {
    title: "Not available now",
    text: "The database does not answer. What your devices send is held back and not lost; try again in a moment.",
  },
};

/** What a person sees when a page cannot be shown; says what happened and where to go. */
export function ErrorPage({ status }: { status: number }) {
  const { title, text } = words[status] ?? {
    title: "Something went wrong",
    text: "It is in the log. Try again; if it stays, tell the people who run this.",
  };
  return (
    <div className="mx-auto flex min-h-[60vh] max-w-md flex-col items-center justify-center px-6 text-center">
      <p className="text-6xl font-semibold text-slate-500 dark:text-slate-400">{status}</p>
      <h1 className="mt-4 text-2xl font-semibold">{title}</h1>
      <p className="mt-2 text-slate-600 dark:text-slate-300">{text}</p>
      <Link to="/" className="mt-6 rounded-lg bg-emerald-700 px-4 py-2.5 font-medium text-white hover:bg-emerald-800">
        Back to the start
      </Link>
    </div>
  );
}
