/** Functions of `db/` that cannot be asked in another organization's name, and why: beside tests/support/database-functions.ts. */

/** Functions of nobody's rows: they compute, open connections, or give the contexts that the others run in. */
const plain: Record<string, string> = {
  "actor.ts": "runAs identify currentActor actorSetting setActor",
  "offline.ts": "isHeld",
  "organization-tables.ts": "isImported",
  "reading-lookups.ts": "timeBefore timeFrom timeAhead valueAt",
  "account-tokens.ts": "makeToken hashToken",
  "accounts.ts": "throttlePool",
  "admission.ts": "beginAdmission admit admittedTo admittedSites",
  "app-secret.ts": "appSecret",
  "as-organization.ts": "asOrganization readAsOrganization prismaAsOrganization forgetPrisma",
  "as-system.ts": "asSystem systemPool",
  "as-user.ts": "asUser asNobody asNobodyChanging",
  "backup-catalogue.ts": "quoted columnList",
  "backup-manifest.ts": "tableName",
  "binary-arrays.ts": "byteaArray int4Array float8Array timestampArray sentArray microsIn float8sIn millisIn",
  "copied-rows.ts": "copiedRows",
  "client.ts": "openDatabase database closeDatabase isUuid settingSql reading transaction",
  "imports.ts": "chunkLength chunkCount",
  "jobs.ts": "enqueue",
  "live.ts": "notify listen",
  "mail.ts": "openLetter",
  "merge.ts": "canContinue",
  "meters.ts": "asMeter calculatedOf placeFault lockTree",
  "page.ts": "pageOf",
  "quarters.ts": "stretchOf",
  "reading-days.ts": "packReadings unpackReadings overlayReadings cutReadings",
  "roll-up.ts": "mergeMarks",
  "rollup-days.ts": "packDay unpackDays",
  "seal.ts": "seal unseal currentPrefix",
  "credentials.ts": "sealPassword openPassword",
  "quota-exceeded.ts": "asQuotaExceeded",
  "unreachable.ts": "isUnreachable",
  "virtual-meters.ts": "unitOf checkFormula",
  "webhooks.ts": "openSecrets",
};

/** Found by a secret alone, or about the person who is signed in and nobody else: there is no id of others to give. */
const bySecret: Record<string, string> = {
  "access-tokens.ts": "issueAccessToken findBearer jsonWebKeySet",
  "account-tokens.ts": "tokenOwner withToken requestReset",
  "account.ts":
    "renameAccount markVerified mailToken changePassword resetPassword verifyEmail changeEmail deleteAccount",
  "accounts.ts":
    "findLogin signUp openInvitation findSession saveSession touchSession extendSession endSession endOtherSessions endSessionsOf",
  "api-keys.ts": "findApiKey findApiKeyById isAllowedOrigin",
  "audit.ts": "recordAtDoor",
  "invitations.ts": "openInvitation signUpInvited",
  "mail.ts": "enqueueMail outbox",
  "shared-links.ts": "openLink",
  "two-factor.ts": "beginTwoFactor confirmTwoFactor takeStep takeRecoveryCode replaceRecoveryCodes removeTwoFactor",
};

const merged = (tables: Record<string, string>[]) => {
  const all: Record<string, string> = {};
  for (const [file, names] of tables.flatMap(Object.entries<string>))
    all[file] = [all[file], names].filter(Boolean).join(" ");
  return all;
};
export const ofNoTenant = merged([plain, bySecret]);

/** In the system's context, which nothing that `app/` reaches may use (tests/architecture): ingest, workers, commands. */
export const system: Record<string, string> = {
  "account-administration.ts":
    "setPassword invite removeTwoFactorOf issueResetToken forgetExpired setPlatformAdmin listPlatformAdmins liftLimits",
  "backup-catalogue.ts": "tablesOf sequencesOf readingsRange energyByChannel",
  "backup.ts": "withSnapshot recordBackup",
  "erasure.ts": "beginErasure eraseReadings eraseOrganization",
  "export-runs.ts": "beginExport addExportChunk sayExportProgress finishExport failExport clearExports",
  "offline.ts": "markHeld",
  "organization-export.ts": "withOrganizationSnapshot",
  "organization-import.ts": "importOrganization",
  "organization-rows.ts": "insertInOrder",
  "organization-tables.ts": "organizationTables",
  "orphans.ts": "clearOrphans",
  "remove-readings.ts": "channelsWithReadingsBefore freezeChannel removeReadings",
  "retention-in-force.ts": "rawRetentionDays retentionsInForce noteRemoval",
  "broker-credentials.ts": "brokerCredentials inTurnAtTheBroker",
  "cadence.ts": "versionsTouched versionsIn cadenceSamples hourlyPairs lastReadings saveVersions",
  "corrected-readings.ts": "correctedAround correctedNeighbours correctedRange",
  "corrections.ts": "takeCorrectionsAlong",
  "decoder-states.ts": "decoderStates changingDecoderState",
  "device-hours.ts": "addDeviceHours",
  "devices.ts": "forgetInIngest",
  "idempotency.ts": "removeOldAnswers",
  "identities.ts":
    "findCredentialByUsername passwordOf findCredentialBySecret findCredentialsById claimExternalId identityOfDevice childDevice",
  "import-runs.ts": "claimImport chunksOf saveProgress endImport giveBackImport channelKinds cancelOldUploads",
  "import-targets.ts": "findSites findDevices findUnfinished",
  "intake-channels.ts": "channelsOfDevice createChannels settlePlaces",
  "journal.ts": "writeJournal",
  "mail-delivery.ts": "mailToSend mailSent mailKept mailRefused mailFailed forgetOldMails",
  "merge-channel.ts": "mergeChannelData",
  "meter-events.ts": "eventsReaching pendingRuns saveRegisters gapsThatHangOn",
  "migrate.ts": "migrate readMigrations lockDatabase checksums runScript",
  "migration-level.ts": "levelOf checkLevel replay",
  "newest-inputs.ts": "newestInputs",
  "pack-readings.ts": "packOldReadings saveReadingDays readingDaysAfter lockReadingDays",
  "parked.ts": "park goThroughParked devicesWithRipeMessages dropExpired",
  "membership-mail.ts": "mailOfMembership",
  "heartbeat.ts": "startHeartbeat",
  "processes.ts": "freeJobsOfTheDead forgetOldProcesses",
  "quota-warnings.ts": "warnOfQuotas",
  "retention.ts": "deleteBeyondRetention",
  "rotate-secrets.ts": "rotateSecrets",
  "usage-days.ts": "addUsage forgetOldUsage",
  "rebuild.ts": "channelsToRebuild forgetRolledUp",
  "restore.ts": "occupantsOf restore",
  "roll-up.ts": "takeMarks deferMarks waitingMarks rollUpChannels neighbours readingsAround",
  "rollups.ts": "bucketsOfSystem saveBuckets packOldBuckets lockRollups",
  "silent-devices.ts": "watchSilence",
  "webhook-delivery.ts": "deliveryToSend noteTry forgetOldDeliveries",
  "signing-keys.ts": "verifyingKeys signingKey rotateSigningKey dropSigningKeysBut removeOldSigningKeys",
  "store-readings.ts": "storeBatch ensureMonth",
  "upkeep.ts": "makePartitionsAhead deleteDeviceData deleteChannelData deleteRest deleteReadings",
};
