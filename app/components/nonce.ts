import { createContext } from "react";

/** What lets our own inline scripts run under the content security policy. In the browser it is empty: it hides nonces. */
export const Nonce = createContext("");
