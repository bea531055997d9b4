import * as assert from "node:assert/strict";
import { record, type Recording, statementsOf } from "../tests/support/pulumi-mocks";
import { Schedule } from "./schedule";

const aliasArn = "arn:aws:lambda:eu-central-1:123456789012:function:student-helper-test-cleanup:live";

const make = (expression = "rate(1 hour)", name = "cleanup"): Promise<Recording<Schedule>> =>
  record(() => new Schedule(name, { expression, aliasArn }));

describe("Schedule", () => {
  it("invokes the alias at its times, and again if that failed", async () => {
    const { names, inputs, dependencies } = await make();

    assert.deepEqual(names, [
      "aws:iam/role:Role cleanup-schedule",
      "aws:iam/rolePolicy:RolePolicy cleanup-schedule",
      "aws:scheduler/schedule:Schedule cleanup",
    ]);
    assert.deepEqual(inputs("aws:scheduler/schedule:Schedule", "cleanup"), {
      name: "student-helper-test-cleanup",
      scheduleExpression: "rate(1 hour)",
      flexibleTimeWindow: { mode: "OFF" },
      target: {
        arn: aliasArn,
        roleArn: "arn:aws:iam::123456789012:role/student-helper-test-cleanup-schedule",
        retryPolicy: { maximumRetryAttempts: 3, maximumEventAgeInSeconds: 900 },
      },
    });
    assert.ok(
      dependencies("aws:scheduler/schedule:Schedule", "cleanup").includes(
        "aws:iam/rolePolicy:RolePolicy cleanup-schedule",
      ),
    );
  });

  it("has a role that schedules of this account assume, to invoke the alias and nothing else", async () => {
    const { inputs } = await make();

    const role = inputs("aws:iam/role:Role", "cleanup-schedule");
    const policy = inputs("aws:iam/rolePolicy:RolePolicy", "cleanup-schedule");

    assert.equal(role.name, "student-helper-test-cleanup-schedule");
    assert.deepEqual(statementsOf(role.assumeRolePolicy), [
      {
        Sid: "SchedulerAssumes",
        Effect: "Allow",
        Principal: { Service: "scheduler.amazonaws.com" },
        Action: "sts:AssumeRole",
        Condition: { StringEquals: { "aws:SourceAccount": "123456789012" } },
      },
    ]);
    assert.equal(policy.role, "student-helper-test-cleanup-schedule");
    assert.deepEqual(statementsOf(policy.policy), [
      { Sid: "InvokeFunction", Effect: "Allow", Action: ["lambda:InvokeFunction"], Resource: aliasArn },
    ]);
  });

  it("has a role that a policy bounds, if there is one", async () => {
    const { inputs } = await record(
      () => new Schedule("cleanup", { expression: "rate(1 hour)", aliasArn, permissionsBoundary: "boundary" }),
    );

    const role = inputs("aws:iam/role:Role", "cleanup-schedule");

    assert.equal(role.permissionsBoundary, "arn:aws:iam::123456789012:policy/boundary");
  });

  it("lists all invalid arguments in one error", async () => {
    await assert.rejects(make("every hour", "Cleanup"), {
      message: [
        'Schedule "Cleanup" has 2 problems; it was not created:',
        "  1. name",
        '     received: "Cleanup"',
        "     allowed:  a lower-case letter, then up to 23 of a-z, 0-9 and single hyphens, none at the end",
        '     fix:      correct name where Schedule "Cleanup" is made',
        "  2. expression",
        '     received: "every hour"',
        "     allowed:  rate(...) or cron(...), such as rate(1 hour)",
        '     fix:      correct expression where Schedule "Cleanup" is made',
      ].join("\n"),
    });
  });
});
