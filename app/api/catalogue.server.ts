import { apiKeyOperations } from "./api-keys.server.ts";
import { auditOperations } from "./audit.server.ts";
import { billOperations } from "./bills.server.ts";
import { billCheckOperations } from "./bill-checks.server.ts";
import { channelOperations } from "./channels.server.ts";
import { correctionOperations } from "./corrections.server.ts";
import { contractOperations } from "./contracts.server.ts";
import { costOperations } from "./costs.server.ts";
import { deviceOperations } from "./devices.server.ts";
import { endpointOperations } from "./endpoints.server.ts";
import { exportOperations } from "./exports.server.ts";
import { flowOperations } from "./flows.server.ts";
import { groupOperations } from "./groups.server.ts";
import { healthOperations } from "./health.server.ts";
import { inboxOperations } from "./inbox.server.ts";
import { mergingOperations } from "./merging.server.ts";
import { importOperations } from "./imports.server.ts";
import { invitationOperations } from "./invitations.server.ts";
import { liveOperations } from "./live.server.ts";
import { mappingOperations } from "./mapping.server.ts";
import { mergeChoiceOperations } from "./merge-choices.server.ts";
import { linkOperations } from "./links.server.ts";
import { organizationUsageOperations } from "./organization-usage.server.ts";
import { organizationOperations } from "./organization.server.ts";
import { newestReadingOperations } from "./newest-readings.server.ts";
import type { Operation } from "./operation.server.ts";
import { retentionOperations } from "./retention.server.ts";
import { siteOperations } from "./sites.server.ts";
import { messageOperations } from "./messages.server.ts";
import { previewOperations } from "./previews.server.ts";
import { tokenOperations } from "./tokens.server.ts";
import { usageOperations } from "./usage.server.ts";
import { virtualMeterOperations } from "./virtual-meters.server.ts";
import { webhookOperations } from "./webhooks.server.ts";
import { whatIfOperations } from "./what-if.server.ts";
import { whyOperations } from "./whys.server.ts";

/** Every operation of the API: what is not here does not exist, and what is here is in the OpenAPI document. */
export const operations: readonly Operation[] = [
  ...siteOperations,
  ...liveOperations,
  ...costOperations,
  ...contractOperations,
  ...whatIfOperations,
  ...billOperations,
  ...whyOperations,
  ...billCheckOperations,
  ...deviceOperations,
  ...endpointOperations,
  ...inboxOperations,
  ...messageOperations,
  ...mappingOperations,
  ...healthOperations,
  ...mergeChoiceOperations,
  ...mergingOperations,
  ...channelOperations,
  ...newestReadingOperations,
  ...correctionOperations,
  ...flowOperations,
  ...usageOperations,
  ...virtualMeterOperations,
  ...groupOperations,
  ...importOperations,
  ...retentionOperations,
  ...organizationOperations,
  ...organizationUsageOperations,
  ...exportOperations,
  ...invitationOperations,
  ...linkOperations,
  ...previewOperations,
  ...tokenOperations,
  ...apiKeyOperations,
  ...webhookOperations,
  ...auditOperations,
];
