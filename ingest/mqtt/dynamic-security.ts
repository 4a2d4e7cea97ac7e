import type { BrokerCredential } from "../../db/broker-credentials.ts";
import type { Acl, Command } from "./control.ts";

/**
 * What Mosquitto's dynamic-security plugin has to be told so that it knows the devices' credentials, and each writes and reads
 * only below its own `t/<user name>/`. Everything that is not marked as ours is left alone.
 */
export interface Found {
  clients: FoundClient[];
  roles: { rolename: string; acls: Acl[] }[];
  defaults: { acltype: string; allow: boolean }[];
}

export interface FoundClient {
  username: string;
  textname?: string;
  disabled?: boolean;
  roles: { rolename: string }[];
}

export interface Differences {
  commands: Command[];
  /** Their password cannot be read: they cannot be told. */
  unreadable: BrokerCredential[];
}

/** The mark of a client that is ours to change and to delete. */
const mark = "energy-tracking device";
/** Roles of this name are ours: the plugin of Mosquitto 2.0 knows no pattern for the user name, so each device has its own. */
const rolePrefix = "energy-tracking device ";
const ingestRole = "energy-tracking ingest";

const allowed = (topic: string, ...acltypes: string[]): Acl[] =>
  acltypes.map((acltype) => ({ acltype, topic, allow: true }));

const deviceAcls = (username: string) => allowed(`t/${username}/#`, "publishClientSend", "subscribePattern");
const ingestAcls = allowed("t/#", "publishClientSend", "subscribePattern");

/** What the ingest itself may do at the broker, which ends its user's connections over such a change. */
export function ingestDifferences({ clients, roles }: Found, ingestUser: string): Command[] {
  const commands = roleCommands(ingestRole, ingestAcls, byName(roles));
  const client = clients.find(({ username }) => username === ingestUser);
  if (!client || client.roles.some(({ rolename }) => rolename === ingestRole)) return commands;
  return [...commands, { command: "addClientRole", username: ingestUser, rolename: ingestRole }];
}

/**
 * The commands that make `found` what `wanted` says; none when it is so already. `open` opens a sealed password (null: it
 * cannot be opened).
 */
export function differences(
  wanted: readonly BrokerCredential[],
  found: Found,
  open: (username: string, sealed: string) => string | null,
): Differences {
  const roles = byName(found.roles);
  const clients = new Map(found.clients.map((client) => [client.username, client]));
  const names = new Set(wanted.map(({ username }) => username));
  const commands = closedByDefault(found);
  const unreadable: BrokerCredential[] = [];
  for (const credential of wanted) {
    const { username, passwordSealed } = credential;
    const client = clients.get(username);
    const ours = client?.textname === mark;
    const password = ours ? undefined : passwordSealed && open(username, passwordSealed);
    if (!ours && !password) {
      unreadable.push(credential);
      continue;
    }
    commands.push(...roleCommands(rolePrefix + username, deviceAcls(username), roles));
    commands.push(...clientCommands(username, client, password || undefined));
  }
  return { commands: [...commands, ...goneCommands(found, names)], unreadable };
}

function closedByDefault({ defaults }: Found): Command[] {
  const open = defaults.filter(({ acltype, allow }) => allow && ["publishClientSend", "subscribe"].includes(acltype));
  if (!open.length) return [];
  return [{ command: "setDefaultACLAccess", acls: open.map(({ acltype }) => ({ acltype, allow: false })) }];
}

const byName = (roles: Found["roles"]) => new Map(roles.map(({ rolename, acls }) => [rolename, acls]));

function roleCommands(rolename: string, acls: Acl[], roles: Map<string, Acl[]>): Command[] {
  const known = roles.get(rolename);
  if (known && same(known, acls)) return [];
  return [{ command: known ? "modifyRole" : "createRole", rolename, acls }];
}

function same(a: readonly Acl[], b: readonly Acl[]): boolean {
  const words = (acls: readonly Acl[]) =>
    acls.map(({ acltype, topic, allow }) => `${acltype} ${allow} ${topic}`).sort();
  return words(a).join("\n") === words(b).join("\n");
}

function clientCommands(username: string, client: FoundClient | undefined, password: string | undefined): Command[] {
  const roles = [{ rolename: rolePrefix + username, priority: -1 }];
  if (!client) return [{ command: "createClient", username, password, textname: mark, roles }];
  const commands: Command[] = [];
  const isItsOwn = client.roles.length === 1 && client.roles[0]!.rolename === rolePrefix + username;
  if (password) commands.push({ command: "setClientPassword", username, password });
  if (password || !isItsOwn) commands.push({ command: "modifyClient", username, textname: mark, roles });
  if (client.disabled) commands.push({ command: "enableClient", username });
  return commands;
}

// Deleting a client also ends its connections.
function goneCommands({ clients, roles }: Found, names: ReadonlySet<string>): Command[] {
  const gone = clients.filter(({ username, textname }) => textname === mark && !names.has(username));
  const unused = roles.filter(
    ({ rolename }) => rolename.startsWith(rolePrefix) && !names.has(rolename.slice(rolePrefix.length)),
  );
  return [
    ...gone.map(({ username }) => ({ command: "deleteClient", username })),
    ...unused.map(({ rolename }) => ({ command: "deleteRole", rolename })),
  ];
}
