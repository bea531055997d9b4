import * as aws from "@pulumi/aws";
import { onEach, onEachInStack, type Properties, type ResourceControl, type StackControl } from "./control";

const url = "https://docs.aws.amazon.com/securityhub/latest/userguide/rds-controls.html";

export const privateSnapshots: ResourceControl = {
  id: "RDS.1",
  description: "A snapshot is shared with named accounts only.",
  remediation: 'Take "all" out of sharedAccounts.',
  url: `${url}#rds-1`,
  checks: [
    onEach(aws.rds.Snapshot, ({ sharedAccounts }, report) => {
      if (sharedAccounts?.includes("all") === true) report("Everyone may copy the snapshot.");
    }),
  ],
};

export const encryptedSnapshots: StackControl = {
  id: "RDS.4",
  // A snapshot is encrypted if its database is.
  description: "A snapshot is encrypted.",
  remediation: "Take it from a database of the stack with storageEncrypted.",
  url: `${url}#rds-4`,
  checkStack: onEachInStack(aws.rds.Snapshot, (snapshot, report, stack) => {
    const databases = stack.referredTo(snapshot, "dbInstanceIdentifier", aws.rds.Instance);
    if (!databases.some(({ props }) => props.storageEncrypted === true)) report("The snapshot is not encrypted.");
  }),
};

type Instance = Properties<aws.rds.InstanceArgs>;

/** A control of what a database's own properties say. */
function instanceControl(
  number: number,
  about: Pick<ResourceControl, "description" | "remediation">,
  problem: string,
  isKept: (instance: Instance) => boolean,
): ResourceControl {
  return {
    id: `RDS.${number}`,
    ...about,
    url: `${url}#rds-${number}`,
    checks: [
      onEach(aws.rds.Instance, (instance, report) => {
        if (!isKept(instance)) report(problem);
      }),
    ],
  };
}

export const notPublic: ResourceControl = instanceControl(
  2,
  { description: "A database has no public address.", remediation: "Set publiclyAccessible to false." },
  "The database has a public address.",
  ({ publiclyAccessible }) => publiclyAccessible === false,
);

export const encryptedStorage: ResourceControl = instanceControl(
  3,
  { description: "A database is encrypted.", remediation: "Set storageEncrypted." },
  "The database is not encrypted.",
  ({ storageEncrypted }) => storageEncrypted === true,
);

export const severalZones: ResourceControl = instanceControl(
  5,
  { description: "A database stands by in a second availability zone.", remediation: "Set multiAz." },
  "The database fails with its availability zone.",
  ({ multiAz }) => multiAz === true,
);

export const enhancedMonitoring: ResourceControl = instanceControl(
  6,
  {
    description: "A database has enhanced monitoring.",
    remediation: "Set monitoringInterval, above 0, and monitoringRoleArn.",
  },
  "What the database's machine does is not monitored.",
  ({ monitoringInterval = 0 }) => monitoringInterval > 0,
);

export const deletionProtection: ResourceControl = instanceControl(
  8,
  { description: "A database refuses to be deleted.", remediation: "Set deletionProtection." },
  "The database can be deleted with what it holds.",
  (instance) => instance.deletionProtection === true,
);

export const publishedLogs: ResourceControl = instanceControl(
  9,
  {
    description: "A database's logs are in CloudWatch.",
    remediation: 'Set enabledCloudwatchLogsExports to ["postgresql", "upgrade"].',
  },
  "The database's logs are not in CloudWatch.",
  ({ enabledCloudwatchLogsExports: logs = [] }) => ["postgresql", "upgrade"].every((log) => logs.includes(log)),
);

export const iamAuthentication: ResourceControl = instanceControl(
  10,
  {
    description: "A database takes IAM's word for who somebody is.",
    remediation: "Set iamDatabaseAuthenticationEnabled.",
  },
  "The database knows passwords only.",
  ({ iamDatabaseAuthenticationEnabled }) => iamDatabaseAuthenticationEnabled === true,
);

export const backups: ResourceControl = instanceControl(
  11,
  {
    description: "A database's backups are kept for 7 days at least.",
    remediation: "Set backupRetentionPeriod, 7 or more.",
  },
  "Backups are kept for less than 7 days.",
  ({ backupRetentionPeriod = 0 }) => backupRetentionPeriod >= 7,
);

export const minorUpgrades: ResourceControl = instanceControl(
  13,
  { description: "A database takes minor upgrades by itself.", remediation: "Set autoMinorVersionUpgrade." },
  "The database waits for somebody to upgrade it.",
  ({ autoMinorVersionUpgrade }) => autoMinorVersionUpgrade === true,
);

export const tlsForced: StackControl = {
  id: "RDS.Tls",
  description: "A database refuses connections without TLS.",
  remediation: 'Give it a parameter group of the stack with rds.force_ssl "1".',
  url: "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/PostgreSQL.Concepts.General.SSL.html",
  checkStack: onEachInStack(aws.rds.Instance, (instance, report, stack) => {
    const isForced = stack
      .referredTo(instance, "parameterGroupName", aws.rds.ParameterGroup)
      .some(({ props }) => props.parameters?.some(({ name, value }) => name === "rds.force_ssl" && value === "1"));
    if (!isForced) report("The database takes connections without TLS.");
  }),
};

export const proxyTls: ResourceControl = {
  id: "RDS.ProxyTls",
  description: "A database's proxy refuses connections without TLS.",
  remediation: "Set requireTls.",
  url: "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-proxy.howitworks.html",
  checks: [
    onEach(aws.rds.Proxy, ({ requireTls }, report) => {
      if (requireTls !== true) report("The proxy takes connections without TLS.");
    }),
  ],
};
