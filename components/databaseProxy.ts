import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import { logRetentionDays, shortName } from "./internal/limits";
import { boundaryArn, physicalName } from "./internal/naming";
import { policyDocument } from "./internal/statements";
import { checkArguments } from "./internal/validation";

/** Arguments of {@link DatabaseProxy}. */
export interface DatabaseProxyArgs {
  /** Where it is reached, and reaches the database. */
  readonly network: {
    /** Subnets of at least two availability zones. */
    readonly subnetIds: pulumi.Input<pulumi.Input<string>[]>;
    readonly securityGroupIds: pulumi.Input<pulumi.Input<string>[]>;
  };
  /** The RDS instance that it stands before, by its identifier. */
  readonly instanceIdentifier: pulumi.Input<string>;
  /** The database's user, as whom clients sign in to the proxy, and the proxy to the database. */
  readonly username: pulumi.Input<string>;
  /** Password of the user; kept secret. */
  readonly password: pulumi.Input<string>;
  /** How long log entries are kept, in days; one of CloudWatch's values. */
  readonly logRetentionDays: number;
  /**
   * Name of the policy that bounds what the proxy's role may do, as its permissions boundary.
   *
   * @default none
   */
  readonly permissionsBoundary?: string;
}

const rules = z.object({ name: shortName, logRetentionDays });

/**
 * An RDS Proxy before a PostgreSQL database: functions share few connections however many of them run, and keep theirs
 * while the database fails over to its standby. It is reached with TLS only, and with the database's own user and
 * password, which it reads from a secret of Secrets Manager
 * (https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-proxy.html).
 *
 * @example
 * const proxy = new DatabaseProxy("database-proxy", {
 *   network: network.databaseProxy,
 *   instanceIdentifier: instance.identifier,
 *   username: instance.username,
 *   password: config.databasePassword,
 *   logRetentionDays: 30,
 * });
 */
export class DatabaseProxy extends pulumi.ComponentResource {
  /** Host name, once the database is behind it. */
  readonly host: pulumi.Output<string>;

  /** @throws pulumi.ResourceError that lists all invalid arguments */
  constructor(name: string, args: DatabaseProxyArgs, opts?: pulumi.ComponentResourceOptions) {
    super("student-helper:storage:DatabaseProxy", name, {}, opts);
    checkArguments(this, name, rules, { name, ...args });
    const parent = { parent: this };
    const proxyName = physicalName(name);

    const secret = new aws.secretsmanager.Secret(
      name,
      {
        name: proxyName,
        description: "How the proxy signs in to the database",
        // Nothing is lost with it, and a secret that waits to be deleted keeps its name from the next one.
        recoveryWindowInDays: 0,
      },
      parent,
    );
    const login = new aws.secretsmanager.SecretVersion(
      name,
      {
        secretId: secret.id,
        // The form that RDS reads: https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-proxy-secrets-arns.html
        secretString: pulumi.secret(pulumi.jsonStringify({ username: args.username, password: args.password })),
      },
      parent,
    );
    const role = new aws.iam.Role(
      name,
      {
        name: proxyName,
        description: `Runs ${proxyName}`,
        assumeRolePolicy: rdsMayAssume(),
        permissionsBoundary: boundaryArn(secret.arn, args.permissionsBoundary),
      },
      parent,
    );
    const policy = new aws.iam.RolePolicy(
      name,
      { name: "read-secret", role: role.name, policy: mayRead(secret.arn) },
      parent,
    );
    const logGroup = new aws.cloudwatch.LogGroup(
      name,
      { name: `/aws/rds/proxy/${proxyName}`, retentionInDays: args.logRetentionDays },
      parent,
    );
    const proxy = new aws.rds.Proxy(
      name,
      {
        name: proxyName,
        engineFamily: "POSTGRESQL",
        requireTls: true,
        auths: [
          {
            authScheme: "SECRETS",
            secretArn: secret.arn,
            iamAuth: "DISABLED",
            clientPasswordAuthType: "POSTGRES_SCRAM_SHA_256",
          },
        ],
        roleArn: role.arn,
        vpcSubnetIds: args.network.subnetIds,
        vpcSecurityGroupIds: args.network.securityGroupIds,
      },
      // It signs in as soon as it is made; and without the group, RDS makes one that keeps logs forever.
      { ...parent, dependsOn: [login, policy, logGroup] },
    );
    const targets = new aws.rds.ProxyDefaultTargetGroup(
      name,
      { dbProxyName: proxy.name, connectionPoolConfig },
      parent,
    );
    const target = new aws.rds.ProxyTarget(
      name,
      { dbProxyName: proxy.name, targetGroupName: targets.name, dbInstanceIdentifier: args.instanceIdentifier },
      parent,
    );

    this.host = pulumi.all([proxy.endpoint, target.id]).apply(([endpoint]) => endpoint);
    this.registerOutputs({ host: this.host });
  }
}

/** https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-proxy-connections.html */
const connectionPoolConfig = {
  // A tenth is left for whoever must look at the database itself while the system is busy.
  maxConnectionsPercent: 90,
  // In seconds. Less than the api's longest run, so that it can still answer that it is busy.
  connectionBorrowTimeout: 10,
};

/** https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-proxy-iam-setup.html */
function rdsMayAssume(): pulumi.Output<string> {
  return policyDocument([
    {
      Sid: "RdsAssumes",
      Effect: "Allow",
      Principal: { Service: "rds.amazonaws.com" },
      Action: "sts:AssumeRole",
    },
  ]);
}

/**
 * It needs no statement for KMS: the policy of the key `aws/secretsmanager` lets whoever may read a secret decrypt it
 * through Secrets Manager (https://docs.aws.amazon.com/secretsmanager/latest/userguide/security-encryption.html).
 */
function mayRead(secretArn: pulumi.Output<string>): pulumi.Output<string> {
  return policyDocument([
    { Sid: "ReadOwnSecret", Effect: "Allow", Action: ["secretsmanager:GetSecretValue"], Resource: secretArn },
  ]);
}
