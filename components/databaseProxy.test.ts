import * as assert from "node:assert/strict";
import { record, type Recording, statementsOf, valueOf } from "../tests/support/pulumi-mocks";
import { DatabaseProxy, type DatabaseProxyArgs } from "./databaseProxy";

const args: DatabaseProxyArgs = {
  network: { subnetIds: ["subnet-a", "subnet-b"], securityGroupIds: ["sg-proxy"] },
  instanceIdentifier: "student-helper-test-database",
  username: "student_helper",
  password: "pass:word#1",
  logRetentionDays: 30,
};
const name = "student-helper-test-database-proxy";
const secretArn = `arn:aws:secretsmanager:eu-central-1:123456789012:secret:${name}-AbCdEf`;

const make = (changes: Partial<DatabaseProxyArgs> = {}): Promise<Recording<DatabaseProxy>> =>
  record(() => new DatabaseProxy("database-proxy", { ...args, ...changes }));

describe("DatabaseProxy", () => {
  it("is reached with TLS only, and asks who somebody is", async () => {
    const { names, inputs } = await make();

    assert.deepEqual(names, [
      "aws:cloudwatch/logGroup:LogGroup database-proxy",
      "aws:iam/role:Role database-proxy",
      "aws:iam/rolePolicy:RolePolicy database-proxy",
      "aws:rds/proxy:Proxy database-proxy",
      "aws:rds/proxyDefaultTargetGroup:ProxyDefaultTargetGroup database-proxy",
      "aws:rds/proxyTarget:ProxyTarget database-proxy",
      "aws:secretsmanager/secret:Secret database-proxy",
      "aws:secretsmanager/secretVersion:SecretVersion database-proxy",
    ]);
    assert.deepEqual(inputs("aws:rds/proxy:Proxy", "database-proxy"), {
      name,
      engineFamily: "POSTGRESQL",
      requireTls: true,
      auths: [
        {
          authScheme: "SECRETS",
          secretArn,
          iamAuth: "DISABLED",
          clientPasswordAuthType: "POSTGRES_SCRAM_SHA_256",
        },
      ],
      roleArn: `arn:aws:iam::123456789012:role/${name}`,
      vpcSubnetIds: ["subnet-a", "subnet-b"],
      vpcSecurityGroupIds: ["sg-proxy"],
    });
  });

  it("signs in with a secret that stays secret", async () => {
    const { inputs } = await make();

    assert.deepEqual(inputs("aws:secretsmanager/secretVersion:SecretVersion", "database-proxy"), {
      secretId: secretArn,
      secretString: { secret: '{"username":"student_helper","password":"pass:word#1"}' },
    });
    assert.deepEqual(inputs("aws:secretsmanager/secret:Secret", "database-proxy"), {
      name,
      description: "How the proxy signs in to the database",
      recoveryWindowInDays: 0,
    });
  });

  it("may read this secret and do nothing else", async () => {
    const { inputs } = await make();

    assert.deepEqual(statementsOf(inputs("aws:iam/rolePolicy:RolePolicy", "database-proxy").policy), [
      { Sid: "ReadOwnSecret", Effect: "Allow", Action: ["secretsmanager:GetSecretValue"], Resource: secretArn },
    ]);
    assert.deepEqual(statementsOf(inputs("aws:iam/role:Role", "database-proxy").assumeRolePolicy), [
      {
        Sid: "RdsAssumes",
        Effect: "Allow",
        Principal: { Service: "rds.amazonaws.com" },
        Action: "sts:AssumeRole",
      },
    ]);
  });

  it("is made once it can sign in and log", async () => {
    const { inputs, dependencies } = await make();

    const needs = dependencies("aws:rds/proxy:Proxy", "database-proxy");
    for (const need of [
      "aws:cloudwatch/logGroup:LogGroup database-proxy",
      "aws:iam/rolePolicy:RolePolicy database-proxy",
      "aws:secretsmanager/secretVersion:SecretVersion database-proxy",
    ]) {
      assert.ok(needs.includes(need), need);
    }
    assert.deepEqual(inputs("aws:cloudwatch/logGroup:LogGroup", "database-proxy"), {
      name: `/aws/rds/proxy/${name}`,
      retentionInDays: 30,
    });
  });

  it("leaves connections for others, and keeps nobody waiting for long", async () => {
    const { inputs } = await make();

    assert.deepEqual(inputs("aws:rds/proxyDefaultTargetGroup:ProxyDefaultTargetGroup", "database-proxy"), {
      dbProxyName: name,
      connectionPoolConfig: { maxConnectionsPercent: 90, connectionBorrowTimeout: 10 },
    });
    assert.deepEqual(inputs("aws:rds/proxyTarget:ProxyTarget", "database-proxy"), {
      dbProxyName: name,
      targetGroupName: "default",
      dbInstanceIdentifier: "student-helper-test-database",
    });
  });

  it("gives its host name", async () => {
    const { result } = await make();

    assert.equal(await valueOf(result.host), `${name}.proxy-abc.eu-central-1.rds.amazonaws.com`);
  });

  it("refuses a retention that CloudWatch does not know", async () => {
    await assert.rejects(
      make({ logRetentionDays: 31 }),
      /DatabaseProxy "database-proxy" has 1 problem;[^]*one of 1, 3, 5, 7,/,
    );
  });
});
