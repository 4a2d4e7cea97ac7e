/** Whether a text can be an e-mail address: one @, a name before it, a host with a dot behind it. Only a mail that arrives is proof. */
export const isEmail = (text: string): boolean => text.length <= 254 && /^[^\s@]+@[^\s@]+\.[^\s@.]+$/.test(text);
