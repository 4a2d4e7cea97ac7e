import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import type { BrokerCredential } from "../../db/broker-credentials.ts";
import type { Acl, Command } from "./control.ts";
import { differences, ingestDifferences, type Found, type FoundClient } from "./dynamic-security.ts";

const nothing: Found = { clients: [], roles: [], defaults: [] };
const unseal = (_username: string, sealed: string) =>
  sealed.startsWith("sealed ") ? sealed.slice("sealed ".length) : null;
const credential = (username: string, passwordSealed: string | null = `sealed p-${username}`): BrokerCredential => ({
  credentialId: `c-${username}`,
  deviceId: `d-${username}`,
  username,
  passwordSealed,
});

/** What the plugin would say after these commands, as far as they concern it. */
function after(found: Found, commands: readonly Command[]): Found {
  const clients = new Map(found.clients.map((client) => [client.username, { ...client }]));
  const roles = new Map(found.roles.map(({ rolename, acls }) => [rolename, acls]));
  let defaults = found.defaults;
  for (const { command, username = "", rolename = "", acls, ...rest } of commands) {
    const client = clients.get(username);
    switch (command) {
      case "createClient":
      case "modifyClient":
        clients.set(username, { ...client, ...(rest as Partial<FoundClient>), username } as FoundClient);
        break;
      case "enableClient":
        client!.disabled = false;
        break;
      case "deleteClient":
        clients.delete(username);
        break;
      case "addClientRole":
        client!.roles = [...client!.roles, { rolename }];
        break;
      case "createRole":
      case "modifyRole":
        roles.set(rolename, acls as Acl[]);
        break;
      case "deleteRole":
        roles.delete(rolename);
        break;
      case "setDefaultACLAccess":
        defaults = acls as Found["defaults"];
    }
  }
  return {
    clients: [...clients.values()],
    roles: [...roles].map(([rolename, acls]) => ({ rolename, acls })),
    defaults,
  };
}

const words = (commands: readonly Command[]) =>
  commands.map(({ command, username, rolename }) => `${command} ${username ?? rolename ?? ""}`.trim());

test("a new credential gets a role for its own prefix alone, and a client with the password", () => {
  const { commands, unreadable } = differences([credential("a")], nothing, unseal);
  expect(unreadable).toEqual([]);
  expect(commands).toEqual([
    {
      command: "createRole",
      rolename: "energy-tracking device a",
      acls: [
        { acltype: "publishClientSend", topic: "t/a/#", allow: true },
        { acltype: "subscribePattern", topic: "t/a/#", allow: true },
      ],
    },
    {
      command: "createClient",
      username: "a",
      password: "p-a",
      textname: "energy-tracking device",
      roles: [{ rolename: "energy-tracking device a", priority: -1 }],
    },
  ]);
});

describe("what another hand changed is mended", () => {
  const inStep = after(nothing, differences([credential("a")], nothing, unseal).commands);
  const [client] = inStep.clients;
  const [role] = inStep.roles;

  it.each<[string, Found, string[]]>([
    ["nothing", inStep, []],
    ["disabled", { ...inStep, clients: [{ ...client!, disabled: true }] }, ["enableClient a"]],
    ["other roles", { ...inStep, clients: [{ ...client!, roles: [{ rolename: "admin" }] }] }, ["modifyClient a"]],
    [
      "more than its prefix",
      {
        ...inStep,
        roles: [{ ...role!, acls: [...role!.acls, { acltype: "publishClientSend", topic: "#", allow: true }] }],
      },
      ["modifyRole energy-tracking device a"],
    ],
    ["role deleted", { ...inStep, roles: [] }, ["createRole energy-tracking device a"]],
    [
      "a stranger's user of the same name",
      { ...inStep, clients: [{ username: "a", textname: "mine", roles: [] }] },
      ["setClientPassword a", "modifyClient a"],
    ],
    [
      "ours that no credential has",
      {
        ...inStep,
        clients: [client!, { ...client!, username: "x" }],
        roles: [role!, { rolename: "energy-tracking device x", acls: [] }],
      },
      ["deleteClient x", "deleteRole energy-tracking device x"],
    ],
    [
      "strangers",
      {
        ...inStep,
        clients: [client!, { username: "bridge", roles: [] }],
        roles: [role!, { rolename: "admin", acls: [] }],
      },
      [],
    ],
    [
      "everybody may publish",
      {
        ...inStep,
        defaults: [
          { acltype: "publishClientSend", allow: true },
          { acltype: "publishClientReceive", allow: true },
        ],
      },
      ["setDefaultACLAccess"],
    ],
  ])("%s", (_what, found, expected) => {
    expect(words(differences([credential("a")], found, unseal).commands)).toEqual(expected);
  });
});

it.each([null, "other key"])("a password sealed as %j is named, and the others are told", (sealed) => {
  const { commands, unreadable } = differences([credential("a", sealed), credential("b")], nothing, unseal);
  expect(unreadable.map(({ username }) => username)).toEqual(["a"]);
  expect(words(commands)).toEqual(["createRole energy-tracking device b", "createClient b"]);
});

test("whatever the plugin knows, after the commands there is nothing left to do", () => {
  const names = fc.uniqueArray(fc.constantFrom("a", "b", "c", "d", "e"));
  const client = (username: string) =>
    fc.record({
      username: fc.constant(username),
      textname: fc.constantFrom("energy-tracking device", "mine"),
      disabled: fc.boolean(),
      roles: fc
        .constantFrom([`energy-tracking device ${username}`], ["admin"], [])
        .map((names) => names.map((rolename) => ({ rolename }))),
    });
  const found = fc.tuple(names, names).chain(([clients, roles]) =>
    fc.record({
      clients: fc.tuple(...clients.map(client)),
      roles: fc.constant(roles.map((name) => ({ rolename: `energy-tracking device ${name}`, acls: [] as Acl[] }))),
      defaults: fc.constantFrom<Found["defaults"]>([], [{ acltype: "subscribe", allow: true }]),
    }),
  );
  fc.assert(
    fc.property(names, found, (wanted, before) => {
      const credentials = wanted.map((name) => credential(name));
      const then = after(before, differences(credentials, before, unseal).commands);
      expect(differences(credentials, then, unseal)).toEqual({ commands: [], unreadable: [] });
      const ours = then.clients.filter(({ textname }) => textname === "energy-tracking device");
      expect(ours.map(({ username }) => username).sort()).toEqual([...wanted].sort());
      expect(then.defaults.filter(({ allow }) => allow)).toEqual([]);
    }),
  );
});

test("the ingest's own user may read and write below t/, once", () => {
  const found = { ...nothing, clients: [{ username: "ingest", roles: [{ rolename: "admin" }] }] };
  const commands = ingestDifferences(found, "ingest");
  expect(words(commands)).toEqual(["createRole energy-tracking ingest", "addClientRole ingest"]);
  expect(ingestDifferences(after(found, commands), "ingest")).toEqual([]);
  expect(words(ingestDifferences(nothing, "somebody"))).toEqual(["createRole energy-tracking ingest"]);
});
