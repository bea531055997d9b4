import * as aws from "@pulumi/aws";
import { type Cases, type Fixture, key, resource, testControls } from "../tests/support/policies";
import * as rds from "./rds";

const instance = (props: Record<string, unknown>, parameterGroups: string[] = []): Fixture =>
  resource(aws.rds.Instance, props, { references: { parameterGroupName: parameterGroups } });
const snapshot = (props: Record<string, unknown>, databases: string[] = []): Fixture =>
  resource(aws.rds.Snapshot, props, { references: { dbInstanceIdentifier: databases } });
const forceTls = (value: string): Fixture =>
  resource(aws.rds.ParameterGroup, { parameters: [{ name: "rds.force_ssl", value }] });

/** Cases of a control of one property; that is not kept by its default either. */
const property = (name: string, kept: unknown, broken: unknown, problem: string): Cases => ({
  kept: { [`${name} ${JSON.stringify(kept)}`]: [instance({ [name]: kept })] },
  broken: {
    [`${name} ${JSON.stringify(broken)}`]: { resources: [instance({ [name]: broken })], problem },
    [`no ${name}`]: { resources: [instance({})], problem },
  },
});

testControls(rds, {
  privateSnapshots: {
    kept: { "a named account": [snapshot({ sharedAccounts: ["123456789012"] })], nobody: [snapshot({})] },
    broken: {
      everyone: { resources: [snapshot({ sharedAccounts: ["all"] })], problem: "Everyone may copy the snapshot." },
    },
  },
  encryptedSnapshots: {
    kept: {
      "a snapshot of an encrypted database": [instance({ storageEncrypted: true }), snapshot({}, [key(instance({}))])],
    },
    broken: {
      "a snapshot of a plain database": {
        resources: [instance({ storageEncrypted: false }), snapshot({}, [key(instance({}))])],
        problem: "The snapshot is not encrypted.",
      },
    },
  },
  notPublic: property("publiclyAccessible", false, true, "The database has a public address."),
  encryptedStorage: property("storageEncrypted", true, false, "The database is not encrypted."),
  severalZones: property("multiAz", true, false, "The database fails with its availability zone."),
  enhancedMonitoring: property("monitoringInterval", 60, 0, "What the database's machine does is not monitored."),
  deletionProtection: property("deletionProtection", true, false, "The database can be deleted with what it holds."),
  publishedLogs: property(
    "enabledCloudwatchLogsExports",
    ["postgresql", "upgrade"],
    ["postgresql"],
    "The database's logs are not in CloudWatch.",
  ),
  iamAuthentication: property("iamDatabaseAuthenticationEnabled", true, false, "The database knows passwords only."),
  backups: property("backupRetentionPeriod", 7, 6, "Backups are kept for less than 7 days."),
  minorUpgrades: property("autoMinorVersionUpgrade", true, false, "The database waits for somebody to upgrade it."),
  tlsForced: {
    kept: { "a group that forces TLS": [forceTls("1"), instance({}, [key(forceTls("1"))])] },
    broken: {
      "a group that does not": {
        resources: [forceTls("0"), instance({}, [key(forceTls("0"))])],
        problem: "The database takes connections without TLS.",
      },
      "a group that it does not use": {
        resources: [forceTls("1"), instance({})],
        problem: "The database takes connections without TLS.",
      },
    },
  },
  proxyTls: {
    kept: { "a proxy that requires TLS": [resource(aws.rds.Proxy, { requireTls: true })] },
    broken: {
      "a proxy as by default": {
        resources: [resource(aws.rds.Proxy, {})],
        problem: "The proxy takes connections without TLS.",
      },
    },
  },
});
