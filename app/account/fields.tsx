import type { ComponentProps } from "react";
import { TextField } from "../components/form.tsx";

type Field = Partial<ComponentProps<typeof TextField>>;

/** The address that a person logs in with. */
export const EmailField = (field: Field) => (
  <TextField label="E-mail address" name="email" type="email" autoComplete="username" required {...field} />
);

/** A password to be; what it must be is app/auth/password's to say. */
export const NewPasswordField = (field: Field) => (
  <TextField
    label="New password"
    name="password"
    type="password"
    autoComplete="new-password"
    required
    hint="At least 10 characters; a few words in a row are good."
    {...field}
  />
);
