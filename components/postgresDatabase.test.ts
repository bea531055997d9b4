import * as assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { record, type Recording, valueOf } from "../tests/support/pulumi-mocks";
import { PostgresDatabase, type PostgresDatabaseArgs } from "./postgresDatabase";

const args: PostgresDatabaseArgs = {
  network: { subnetIds: ["subnet-a", "subnet-b"], securityGroupIds: ["sg-database"] },
  instanceClass: "db.t4g.micro",
  storageGigabytes: 20,
  password: "pass:word#1",
  multiAz: true,
  logRetentionDays: 30,
  protectData: true,
};
const name = "student-helper-test-database";

const make = (changes: Partial<PostgresDatabaseArgs> = {}): Promise<Recording<PostgresDatabase>> =>
  record(() => new PostgresDatabase("database", { ...args, ...changes }));

describe("PostgresDatabase", () => {
  it("is private, encrypted, backed up and protected", async () => {
    const { names, inputs } = await make();

    assert.deepEqual(names, [
      "aws:cloudwatch/logGroup:LogGroup database-postgresql",
      "aws:cloudwatch/logGroup:LogGroup database-upgrade",
      "aws:rds/instance:Instance database",
      "aws:rds/parameterGroup:ParameterGroup database",
      "aws:rds/subnetGroup:SubnetGroup database",
    ]);
    assert.deepEqual(inputs("aws:rds/instance:Instance", "database"), {
      identifier: name,
      engine: "postgres",
      engineVersion: "17",
      autoMinorVersionUpgrade: true,
      parameterGroupName: name,
      instanceClass: "db.t4g.micro",
      allocatedStorage: 20,
      storageType: "gp3",
      storageEncrypted: true,
      dbName: "student_helper",
      username: "student_helper",
      password: { secret: "pass:word#1" },
      dbSubnetGroupName: name,
      vpcSecurityGroupIds: ["sg-database"],
      publiclyAccessible: false,
      multiAz: true,
      backupRetentionPeriod: 7,
      copyTagsToSnapshot: true,
      enabledCloudwatchLogsExports: ["postgresql", "upgrade"],
      skipFinalSnapshot: true,
      deletionProtection: true,
      applyImmediately: false,
    });
    assert.deepEqual(inputs("aws:rds/subnetGroup:SubnetGroup", "database"), {
      name,
      description: "Where the database is",
      subnetIds: ["subnet-a", "subnet-b"],
    });
  });

  it("sends its logs to groups that keep them for a time", async () => {
    const { inputs, dependencies } = await make();

    const groups = ["postgresql", "upgrade"];
    for (const log of groups) {
      assert.deepEqual(inputs("aws:cloudwatch/logGroup:LogGroup", `database-${log}`), {
        name: `/aws/rds/instance/${name}/${log}`,
        retentionInDays: 30,
      });
    }
    const needs = dependencies("aws:rds/instance:Instance", "database");
    assert.deepEqual(
      needs.filter((need) => need.includes("logGroup")),
      groups.map((log) => `aws:cloudwatch/logGroup:LogGroup database-${log}`),
    );
  });

  it("accepts TLS only, logs nothing of rows, and has as many connections as its alarm counts on", async () => {
    const { inputs } = await make();

    assert.deepEqual(inputs("aws:rds/parameterGroup:ParameterGroup", "database"), {
      name,
      description: "TLS only",
      family: "postgres17",
      parameters: [
        { name: "rds.force_ssl", value: "1" },
        { name: "log_error_verbosity", value: "terse" },
        { name: "max_connections", value: "84", applyMethod: "pending-reboot" },
      ],
    });
  });

  it("is kept, by the engine, too, where data is protected", async () => {
    const { options } = await make();

    assert.deepEqual(options("aws:rds/instance:Instance", "database"), { protect: true, retainOnDelete: true });
  });

  it("can be deleted, and changes at once, where data is not protected", async () => {
    const { inputs, options } = await make({ protectData: false });

    assert.deepEqual(options("aws:rds/instance:Instance", "database"), { protect: false, retainOnDelete: false });
    const instance = inputs("aws:rds/instance:Instance", "database");
    assert.equal(instance.deletionProtection, false);
    assert.equal(instance.backupRetentionPeriod, 1);
    assert.equal(instance.applyImmediately, true);
  });

  it("gives where it is, and a secret URL that any password fits into", async () => {
    const { result } = await make();

    const host = `${name}.abc.eu-central-1.rds.amazonaws.com`;
    assert.equal(await valueOf(result.host), host);
    assert.equal(await valueOf(result.port), 5432);
    assert.equal(await valueOf(result.databaseName), "student_helper");
    assert.equal(await valueOf(result.username), "student_helper");
    assert.equal(await valueOf(result.identifier), name);
    assert.equal(await valueOf(result.resourceId), "db-ABC");
    assert.equal(
      await valueOf(result.url),
      `postgresql://student_helper:pass%3Aword%231@${host}:5432/student_helper?sslmode=require`,
    );
    assert.equal(await pulumi.isSecret(result.url), true);
  });

  it("gives where its proxy is, if it has one", async () => {
    const { result, inputs } = await make({
      proxyNetwork: { subnetIds: ["subnet-a", "subnet-b"], securityGroupIds: ["sg-proxy"] },
    });

    const host = `${name}-proxy.proxy-abc.eu-central-1.rds.amazonaws.com`;
    assert.equal(await valueOf(result.host), host);
    assert.equal(
      await valueOf(result.url),
      `postgresql://student_helper:pass%3Aword%231@${host}:5432/student_helper?sslmode=require`,
    );
    assert.equal(await pulumi.isSecret(result.url), true);
    const target = inputs("aws:rds/proxyTarget:ProxyTarget", "database-proxy");
    assert.equal(target.dbInstanceIdentifier, name);
    assert.deepEqual(inputs("aws:rds/proxy:Proxy", "database-proxy").vpcSecurityGroupIds, ["sg-proxy"]);
  });

  it("lists all invalid arguments in one error", async () => {
    await assert.rejects(make({ instanceClass: "t4g.micro", storageGigabytes: 5 }), {
      message: [
        'PostgresDatabase "database" has 2 problems; it was not created:',
        "  1. instanceClass",
        '     received: "t4g.micro"',
        "     allowed:  a class of RDS instances such as db.t4g.micro",
        '     fix:      correct instanceClass where PostgresDatabase "database" is made',
        "  2. storageGigabytes",
        "     received: 5",
        "     allowed:  an integer from 20 to 65536 (gigabytes)",
        '     fix:      correct storageGigabytes where PostgresDatabase "database" is made',
      ].join("\n"),
    });
  });
});
