import { Link } from "@remix-run/react";
import { useState } from "react";
import { Button, TextField, buttonClass } from "../components/form.tsx";
import { Badge, Card, CardTitle } from "../components/frame.tsx";
import { Dialog } from "../components/dialog.tsx";
import { AccountForm, CurrentCode, CurrentPassword, useErrors } from "./account-form.tsx";
import { NewPasswordField } from "./fields.tsx";

/** What the page shows of an account. */
export interface ShownAccount {
  email: string;
  name: string;
  isVerified: boolean;
  pendingEmail: string | null;
  hasTwoFactor: boolean;
  recoveryCodesLeft: number;
}

const said = "text-sm text-slate-600 dark:text-slate-300";

export function ProfileCard({ account }: { account: ShownAccount }) {
  return (
    <Card>
      <CardTitle>You</CardTitle>
      <AccountForm intent="name" label="Save" look="secondary">
        <TextField
          key={account.name}
          label="Name"
          name="name"
          autoComplete="name"
          maxLength={100}
          defaultValue={account.name}
          error={useErrors("name")["name"]}
          hint="As others in your organization see you. Optional."
        />
      </AccountForm>
    </Card>
  );
}

export function EmailCard({ account }: { account: ShownAccount }) {
  const { email, isVerified, pendingEmail } = account;
  return (
    <Card>
      <CardTitle
        aside={<Badge look={isVerified ? "good" : "warn"}>{isVerified ? "Confirmed" : "Not confirmed"}</Badge>}
      >
        E-mail address
      </CardTitle>
      <p className="mb-4 break-all font-medium">{email}</p>
      {!isVerified && (
        <div className="mb-6 space-y-3 border-b border-slate-200 pb-6 dark:border-slate-800">
          <p className={said}>We have mailed you a link. Open it to show that this address is yours.</p>
          <AccountForm intent="verify" label="Send the link again" look="secondary" />
        </div>
      )}
      {pendingEmail && (
        <p className={`mb-4 ${said}`} role="status">
          To be changed to <span className="break-all font-medium">{pendingEmail}</span> as soon as the link in the mail
          to that address is opened.
        </p>
      )}
      <AccountForm intent="email" label="Change the address" look="secondary">
        <TextField
          label="New address"
          name="email"
          type="email"
          autoComplete="email"
          required
          error={useErrors("email")["email"]}
          hint="We mail a link to it. The old address is told."
        />
        <CurrentPassword intent="email" />
      </AccountForm>
    </Card>
  );
}

export function PasswordCard({ email }: { email: string }) {
  return (
    <Card>
      <CardTitle>Password</CardTitle>
      <AccountForm intent="password" label="Change the password" look="secondary">
        <input type="hidden" name="username" autoComplete="username" value={email} />
        <CurrentPassword intent="password" />
        <NewPasswordField
          error={useErrors("password")["password"]}
          hint="At least 10 characters; a few words in a row are good. All other devices are logged out."
        />
      </AccountForm>
    </Card>
  );
}

export function TwoFactorCard({ account: { hasTwoFactor, recoveryCodesLeft } }: { account: ShownAccount }) {
  return (
    <Card>
      <CardTitle aside={<Badge look={hasTwoFactor ? "good" : "plain"}>{hasTwoFactor ? "On" : "Off"}</Badge>}>
        Two-factor login
      </CardTitle>
      <p className={said}>
        {hasTwoFactor
          ? `Logging in takes a code of your app besides the password. ${recoveryCodesLeft} of 10 recovery codes are left.`
          : "Besides the password, logging in takes a code that an app on your phone shows. Who learns your password alone does not get in."}
      </p>
      <Link to="/account/two-factor" className={`mt-4 ${buttonClass("secondary")}`}>
        {hasTwoFactor ? "Recovery codes, or switch it off" : "Switch it on"}
      </Link>
    </Card>
  );
}

export function DeleteCard({ hasTwoFactor }: { hasTwoFactor: boolean }) {
  const [isAsked, ask] = useState(false);
  return (
    <Card className="border-rose-200 dark:border-rose-900">
      <CardTitle>Delete the account</CardTitle>
      <p className={said}>
        You can no longer log in. What an organization has measured stays with it; one that you are the last owner of
        must have another owner or be deleted first.
      </p>
      <Button type="button" look="danger" className="mt-4" onClick={() => ask(true)}>
        Delete my account …
      </Button>
      <Dialog open={isAsked} onClose={() => ask(false)} title="Delete your account?">
        <p className={`mb-4 ${said}`}>This cannot be undone.</p>
        <AccountForm intent="delete" label="Delete it for good" look="danger">
          <CurrentPassword intent="delete" />
          {hasTwoFactor && <CurrentCode intent="delete" />}
        </AccountForm>
      </Dialog>
    </Card>
  );
}
