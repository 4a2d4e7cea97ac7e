import type { Field } from "../api/outline.server.ts";

/** The document's descriptions are CommonMark, of which they use code spans. */
export function Prose({ children }: { children: string }) {
  return children.split("`").map((part, i) => (i % 2 ? <code key={i}>{part}</code> : part));
}

/** Parameters, or the fields of a body. */
export function Fields({ caption, of, fields }: { caption: string; of?: string; fields: readonly Field[] }) {
  if (!fields.length) return null;
  return (
    <div tabIndex={0} role="region" aria-label={of ? `${caption}: ${of}` : caption} className="mt-4 overflow-x-auto">
      <table className="w-full text-left text-sm">
        <caption className="sr-only">{caption}</caption>
        <thead className="text-xs text-slate-500 dark:text-slate-400">
          <tr>
            <th scope="col" className="py-1 pr-4 font-medium">
              {caption}
            </th>
            <th scope="col" className="py-1 pr-4 font-medium">
              Type
            </th>
            <th scope="col" className="py-1 font-medium">
              Meaning
            </th>
          </tr>
        </thead>
        <tbody>
          {fields.map(({ name, type, isRequired, description }) => (
            <tr key={name} className="border-t border-slate-100 align-top dark:border-slate-800">
              <td className="py-1.5 pr-4 font-mono">
                {name}
                {isRequired && (
                  <span title="required" aria-label="required">
                    *
                  </span>
                )}
              </td>
              <td className="max-w-xs py-1.5 pr-4 font-mono text-xs text-slate-600 dark:text-slate-300">{type}</td>
              <td className="py-1.5 text-slate-600 dark:text-slate-300">
                <Prose>{description}</Prose>
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
