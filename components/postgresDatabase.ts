import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { DatabaseProxy, type DatabaseProxyArgs } from "./databaseProxy";
import { databaseLimits } from "./internal/databaseLimits";
import * as limits from "./internal/limits";
import { physicalName } from "./internal/naming";
import { dataOptions } from "./internal/protection";
import { checkArguments } from "./internal/validation";

/** Arguments of {@link PostgresDatabase}. */
export interface PostgresDatabaseArgs {
  /** Where it is reached. */
  readonly network: {
    /** Subnets of at least two availability zones. */
    readonly subnetIds: pulumi.Input<pulumi.Input<string>[]>;
    /** Who may connect. */
    readonly securityGroupIds: pulumi.Input<pulumi.Input<string>[]>;
  };
  /** Size of the machine, such as `db.t4g.micro`. */
  readonly instanceClass: string;
  /** Size of the disk in gigabytes, 20 to 65536. */
  readonly storageGigabytes: number;
  /** Password of the user; kept secret. */
  readonly password: pulumi.Input<string>;
  /** Whether a standby in a second availability zone takes over if the first fails. */
  readonly multiAz: boolean;
  /**
   * Where its proxy is reached, and reaches it: {@link host} and {@link url} then lead to the proxy.
   *
   * @default no proxy
   */
  readonly proxyNetwork?: DatabaseProxyArgs["network"];
  /**
   * Name of the policy that bounds what the proxy's role may do, as its permissions boundary.
   *
   * @default none
   */
  readonly permissionsBoundary?: string;
  /** How long log entries are kept in CloudWatch, in days; one of CloudWatch's values. */
  readonly logRetentionDays: number;
  /** Whether it refuses to be deleted, keeps backups for 7 days, and takes changes in its maintenance window only. */
  readonly protectData: boolean;
}

const rules = z.object({
  name: limits.shortName,
  instanceClass: limits.databaseInstanceClass,
  storageGigabytes: limits.databaseStorageGigabytes,
  logRetentionDays: limits.logRetentionDays,
});

/** Every log that RDS sends to CloudWatch of a PostgreSQL database. */
const logs = ["postgresql", "upgrade"];

/**
 * The PostgreSQL database, encrypted, with backups, and with TLS as the only way to connect. pgvector comes with RDS; the
 * first migration turns it on.
 *
 * Meets Security Hub RDS.2 (not public), RDS.3 (encrypted), RDS.5 (several zones, with `multiAz`), RDS.8 (deletion
 * protection) and RDS.11 (backups for 7 days), where data is protected, RDS.9 (logs), RDS.13 (minor upgrades) and RDS.17
 * (tags on snapshots) (https://docs.aws.amazon.com/securityhub/latest/userguide/rds-controls.html).
 *
 * @example
 * const database = new PostgresDatabase("database", {
 *   network: network.database,
 *   instanceClass: "db.t4g.micro",
 *   storageGigabytes: 20,
 *   password: config.databasePassword,
 *   multiAz: true,
 *   logRetentionDays: 30,
 *   protectData: true,
 * });
 */
export class PostgresDatabase extends pulumi.ComponentResource {
  /** Host name: the proxy's, if there is one. */
  readonly host: pulumi.Output<string>;
  /** Port. */
  readonly port: pulumi.Output<number>;
  /** Name of the database. */
  readonly databaseName: pulumi.Output<string>;
  /** Name of the user, who owns the database. */
  readonly username: pulumi.Output<string>;
  /** All of these and the password in one; a secret. */
  readonly url: pulumi.Output<string>;
  /** Name of the instance in RDS. */
  readonly identifier: pulumi.Output<string>;
  /** Size of the machine. */
  readonly instanceClass: string;
  /** Size of the disk in gigabytes. */
  readonly storageGigabytes: number;
  /** What tells this instance from one that took its place under the same name. */
  readonly resourceId: pulumi.Output<string>;

  /** @throws pulumi.ResourceError that lists all invalid arguments */
  constructor(name: string, args: PostgresDatabaseArgs, opts?: pulumi.ComponentResourceOptions) {
    super("student-helper:storage:PostgresDatabase", name, {}, opts);
    checkArguments(this, name, rules, { name, ...args });
    const parent = { parent: this };
    const password = pulumi.secret(args.password);

    const subnetGroup = new aws.rds.SubnetGroup(
      name,
      { name: physicalName(name), description: "Where the database is", subnetIds: args.network.subnetIds },
      parent,
    );
    const parameterGroup = new aws.rds.ParameterGroup(
      name,
      {
        name: physicalName(name),
        description: "TLS only",
        family: "postgres17",
        parameters: [
          { name: "rds.force_ssl", value: "1" },
          // What PostgreSQL adds to errors by default, such as a refused row, may be of a student's.
          { name: "log_error_verbosity", value: "terse" },
          // It takes a restart, which a change of the machine's size brings along.
          {
            name: "max_connections",
            value: String(databaseLimits(args).maxConnections),
            applyMethod: "pending-reboot",
          },
        ],
      },
      parent,
    );
    // Without them, RDS makes groups that keep logs forever.
    const logGroups = logs.map(
      (log) =>
        new aws.cloudwatch.LogGroup(
          `${name}-${log}`,
          { name: `/aws/rds/instance/${physicalName(name)}/${log}`, retentionInDays: args.logRetentionDays },
          parent,
        ),
    );
    const instance = new aws.rds.Instance(
      name,
      {
        identifier: physicalName(name),
        engine: "postgres",
        engineVersion: "17",
        autoMinorVersionUpgrade: true,
        parameterGroupName: parameterGroup.name,
        instanceClass: args.instanceClass,
        allocatedStorage: args.storageGigabytes,
        storageType: "gp3",
        storageEncrypted: true,
        dbName: "student_helper",
        username: "student_helper",
        password,
        dbSubnetGroupName: subnetGroup.name,
        vpcSecurityGroupIds: args.network.securityGroupIds,
        publiclyAccessible: false,
        multiAz: args.multiAz,
        backupRetentionPeriod: args.protectData ? 7 : 1,
        copyTagsToSnapshot: true,
        enabledCloudwatchLogsExports: logs,
        // The engine deletes none whose data is protected; whoever lifts that takes a snapshot first (docs/runbook.md).
        skipFinalSnapshot: true,
        deletionProtection: args.protectData,
        applyImmediately: !args.protectData,
      },
      { ...parent, ...dataOptions(args.protectData), dependsOn: logGroups },
    );
    const proxy =
      args.proxyNetwork &&
      new DatabaseProxy(
        `${name}-proxy`,
        {
          network: args.proxyNetwork,
          instanceIdentifier: instance.identifier,
          username: instance.username,
          password,
          logRetentionDays: args.logRetentionDays,
          permissionsBoundary: args.permissionsBoundary,
        },
        parent,
      );

    this.host = proxy?.host ?? instance.address;
    this.port = instance.port;
    this.databaseName = instance.dbName;
    this.username = instance.username;
    this.identifier = instance.identifier;
    this.instanceClass = args.instanceClass;
    this.storageGigabytes = args.storageGigabytes;
    this.resourceId = instance.resourceId;
    const login = pulumi.interpolate`${this.username}:${password.apply(encodeURIComponent)}`;
    this.url = pulumi.interpolate`postgresql://${login}@${this.host}:${this.port}/${this.databaseName}?sslmode=require`;
    this.registerOutputs({ host: this.host, port: this.port });
  }
}
