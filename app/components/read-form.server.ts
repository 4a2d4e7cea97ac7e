/**
 * The form that a page was sent. Browsers send no half of a surrogate pair, but whoever writes a request can send the character 0,
 * which Postgres keeps in no text.
 * @throws Response 400 where a name or a text of the form has it, and for what is no form.
 */
export async function readForm(request: Request): Promise<FormData> {
  // eslint-disable-next-line no-restricted-syntax -- the one place
  const form = await request.formData().catch((error: unknown) => {
    if (!(error instanceof TypeError)) throw error;
    throw new Response("A form is expected.", { status: 400 });
  });
  for (const [name, value] of form)
    if (name.includes("\0") || (typeof value === "string" && value.includes("\0")))
      throw new Response(`The field ${name.replaceAll("\0", "")} holds a character 0, which no text can have.`, {
        status: 400,
      });
  return form;
}
