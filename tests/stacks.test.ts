/** Every Pulumi.<stack>.yaml through the unmodified program. */
import * as assert from "node:assert/strict";
import { type FunctionDefinition, type FunctionName, functions, imageFunctions } from "../functions";
import { type Outputs, overridesOf, recordingOf, stacks } from "./support/program";
import { type Recording, valueOf } from "./support/pulumi-mocks";

const definitions = Object.entries<FunctionDefinition>(functions);
const names = Object.keys(functions) as FunctionName[];
const consumers = definitions.flatMap(([name, { consumes }]) => (consumes === undefined ? [] : [{ name, consumes }]));
const images = Object.keys(imageFunctions).sort();

/** What is expected of a stack. */
interface Expected {
  /** How the NAT gateways of its own VPC are laid out; unset: it has none. */
  readonly nat?: string;
  /** Whether the database has a standby. */
  readonly standby: boolean;
  /** Whether functions reach the database by a proxy. */
  readonly proxy: boolean;
  /** Whether students rely on it: its data is protected, and somebody hears alarms. */
  readonly isPublic: boolean;
  /** The stack whose images it takes over; unset: it builds its own. */
  readonly imagesFrom?: string;
}
const expectedOf: Readonly<Record<string, Expected>> = {
  local: { standby: false, proxy: false, isPublic: false },
  dev: { nat: "Single", standby: false, proxy: false, isPublic: false },
  pr: { nat: "Single", standby: false, proxy: false, isPublic: false },
  staging: { nat: "Single", standby: true, proxy: true, isPublic: true, imagesFrom: "dev" },
  prod: { nat: "OnePerAz", standby: true, proxy: true, isPublic: true, imagesFrom: "staging" },
};
const here = "eu-central-1:123456789012";

describe("stacks", () => {
  it("are those of which something is expected", () => {
    assert.deepEqual(stacks.sort(), Object.keys(expectedOf).sort());
  });

  for (const [stack, { nat, standby, proxy, isPublic, imagesFrom }] of Object.entries(expectedOf)) {
    describe(stack, () => {
      let recording: Recording<Outputs>;
      before(async () => {
        recording = await recordingOf(stack);
      });

      it("gives its outputs", async () => {
        const { result } = recording;

        assert.deepEqual(Object.keys(result).sort(), [
          "ALARM_TOPIC_ARN",
          "API_BASE_URL",
          "AWS_ENDPOINT_URL",
          "AWS_REGION",
          "COGNITO_CLIENT_ID",
          "COGNITO_USER_POOL_ID",
          "DASHBOARD_URL",
          "UPLOAD_BUCKET",
          "functions",
          "images",
        ]);
        assert.equal(await valueOf(result.API_BASE_URL), "https://api123.execute-api.eu-central-1.amazonaws.com");
        assert.equal(result.AWS_ENDPOINT_URL, stack === "local" ? "http://localhost:4566" : undefined);
        assert.equal(result.AWS_REGION, stack === "local" ? "us-east-1" : "eu-central-1");
        assert.equal(await valueOf(result.UPLOAD_BUCKET), `student-helper-${stack}-uploads-123456789012`);
        assert.equal(await valueOf(result.ALARM_TOPIC_ARN), `arn:aws:sns:${here}:student-helper-${stack}-alarms`);
        assert.equal(
          result.DASHBOARD_URL && (await valueOf(result.DASHBOARD_URL)),
          stack === "local"
            ? undefined
            : "https://eu-central-1.console.aws.amazon.com/cloudwatch/home?region=eu-central-1" +
                `#dashboards/dashboard/student-helper-${stack}-dashboard`,
        );
        assert.equal(await valueOf(result.functions.api.name), `student-helper-${stack}-api`);
        assert.equal(await valueOf(result.functions.api.version), "7");
        const registry = "123456789012.dkr.ecr.eu-central-1.amazonaws.com";
        const image = `${registry}/student-helper-${stack}-embedder@sha256:${"d".repeat(64)}`;
        assert.equal(await valueOf(result.images.embedder), image);
      });

      it("protects data as it should", () => {
        const { inputs } = recording;

        assert.equal(inputs("aws:s3/bucket:Bucket", "uploads").forceDestroy, !isPublic);
        assert.equal(inputs("aws:ecr/repository:Repository", "api").forceDelete, !isPublic);
        assert.equal(
          inputs("aws:cognito/userPool:UserPool", "users").deletionProtection,
          isPublic ? "ACTIVE" : "INACTIVE",
        );
        assert.equal(inputs("aws:dynamodb/table:Table", "checkpoints").deletionProtectionEnabled, isPublic);
        const database = inputs("aws:rds/instance:Instance", "database");
        assert.equal(database.deletionProtection, isPublic);
      });

      it("has the engine keep what holds data, and nothing else", () => {
        const { resources, options } = recording;

        const holdsData = [
          "aws:cognito/userPool:UserPool users",
          "aws:dynamodb/table:Table checkpoints",
          ...images.map((image) => `aws:ecr/repository:Repository ${image}`),
          "aws:rds/instance:Instance database",
          "aws:s3/bucket:Bucket uploads",
        ];
        const kept = (option: "protect" | "retainOnDelete"): string[] =>
          resources.flatMap(({ type, name }) => (options(type, name)[option] ? [`${type} ${name}`] : [])).sort();
        const pushed = images.map((image) => `docker-build:index:Image ${image}`);
        assert.deepEqual(kept("protect"), isPublic ? holdsData : []);
        assert.deepEqual(kept("retainOnDelete"), [...(isPublic ? holdsData : []), ...pushed]);
      });

      it("builds its images, or takes over those of the stack before it", () => {
        const { resources } = recording;

        const made = resources.filter(({ type }) => type === "docker-build:index:Image");
        assert.equal(made.length, images.length);
        for (const { name, inputs } of made) {
          const registry = "123456789012.dkr.ecr.eu-central-1.amazonaws.com";
          const original = `${registry}/student-helper-${imagesFrom}-${name}@sha256:${"d".repeat(64)}`;
          const { named } = inputs.context as { named?: unknown };
          const { location } = inputs.dockerfile as { location: string };
          assert.match(location, new RegExp(`/images/${imagesFrom === undefined ? name : "_copy"}/Dockerfile$`));
          assert.deepEqual(
            named,
            imagesFrom === undefined ? undefined : { original: { location: `docker-image://${original}` } },
          );
        }
      });

      it("has the parameters that the system reads", () => {
        const { resources } = recording;

        const parameters = resources.filter(({ type }) => type === "aws:ssm/parameter:Parameter");
        assert.deepEqual(parameters.map(({ inputs }) => `${String(inputs.name)} ${String(inputs.type)}`).sort(), [
          `/student-helper/${stack}/anthropic/api_key SecureString`,
          `/student-helper/${stack}/anthropic/model String`,
          `/student-helper/${stack}/checkpoints/table String`,
          `/student-helper/${stack}/cognito/client_id String`,
          `/student-helper/${stack}/cognito/user_pool_id String`,
          `/student-helper/${stack}/database/host String`,
          `/student-helper/${stack}/database/name String`,
          `/student-helper/${stack}/database/password SecureString`,
          `/student-helper/${stack}/database/port String`,
          `/student-helper/${stack}/database/url SecureString`,
          `/student-helper/${stack}/database/username String`,
          `/student-helper/${stack}/events/bus_name String`,
          `/student-helper/${stack}/releases/pinned_versions String`,
          `/student-helper/${stack}/storage/bucket String`,
          `/student-helper/${stack}/voyage/api_key SecureString`,
          `/student-helper/${stack}/voyage/model String`,
        ]);
      });

      it("has a function for each name, and no other", () => {
        const { resources } = recording;

        const made = resources.filter(({ type }) => type === "aws:lambda/function:Function");
        assert.deepEqual(made.map(({ name }) => name).sort(), [...names].sort());
      });

      it("wakes consumers by their events", () => {
        const { resources, inputs } = recording;

        const uploaded = (prefix: string): object => ({
          bus: "default",
          pattern: {
            source: ["aws.s3"],
            "detail-type": ["Object Created"],
            detail: {
              bucket: { name: [`student-helper-${stack}-uploads-123456789012`] },
              object: { key: [{ prefix }] },
            },
          },
        });
        const published = (...types: string[]): object => ({
          bus: `student-helper-${stack}-pipeline`,
          pattern: { source: ["student-helper"], "detail-type": types },
        });
        const mappings = resources.filter(({ type }) => type === "aws:lambda/eventSourceMapping:EventSourceMapping");
        const wokenBy = mappings.map(({ name, inputs: mapping }) => {
          assert.equal(mapping.eventSourceArn, `arn:aws:sqs:${here}:student-helper-${stack}-${name}`);
          assert.equal(mapping.functionName, `arn:aws:lambda:${here}:function:student-helper-${stack}-${name}:live`);
          const { eventBusName, eventPattern } = inputs("aws:cloudwatch/eventRule:EventRule", name);
          return [name, { bus: eventBusName, pattern: JSON.parse(String(eventPattern)) as unknown }];
        });
        const declared = consumers.map(({ name, consumes }) => [
          name,
          "uploads" in consumes ? uploaded(consumes.uploads) : published(...consumes.events),
        ]);
        assert.deepEqual(Object.fromEntries(wokenBy), Object.fromEntries(declared));
      });

      it("hides messages for six times their consumer's timeout", () => {
        const { inputs } = recording;

        assert.ok(consumers.length > 0);
        for (const { name } of consumers) {
          const { timeout } = inputs("aws:lambda/function:Function", name);
          assert.equal(inputs("aws:sqs/queue:Queue", name).visibilityTimeoutSeconds, 6 * Number(timeout));
        }
      });

      it("gives functions the memory and the time of functions.ts, or of the stack's file", () => {
        const { inputs } = recording;

        for (const [name, definition] of definitions) {
          const { memorySize, timeout } = inputs("aws:lambda/function:Function", name);
          const { memoryMegabytes, timeoutSeconds } = { ...definition, ...overridesOf(stack)[name] };
          assert.deepEqual([memorySize, timeout], [memoryMegabytes, timeoutSeconds], name);
        }
      });

      it("wakes by the clock what has a schedule, and nothing else", () => {
        const { resources } = recording;

        const schedules = resources.filter(({ type }) => type === "aws:scheduler/schedule:Schedule");
        assert.deepEqual(
          schedules.map(({ name, inputs }) => [
            name,
            inputs.scheduleExpression,
            (inputs.target as { arn: string }).arn,
          ]),
          definitions.flatMap(([name, { schedule }]) =>
            schedule === undefined
              ? []
              : [[name, schedule, `arn:aws:lambda:${here}:function:student-helper-${stack}-${name}:live`]],
          ),
        );
      });

      it("migrates the database before new code serves", () => {
        const { inputs, dependencies } = recording;

        const { functionName, qualifier, triggers } = inputs("aws:lambda/invocation:Invocation", "migration");
        assert.deepEqual([functionName, qualifier], [`student-helper-${stack}-migrate`, "7"]);
        assert.deepEqual(triggers, { database: "db-ABC" });
        const migrate = inputs("aws:lambda/function:Function", "migrate");
        assert.deepEqual(migrate.imageConfig, { commands: ["api.migrate.handler"] });
        assert.equal(migrate.imageUri, inputs("aws:lambda/function:Function", "api").imageUri);
        const needs = dependencies("aws:lambda/invocation:Invocation", "migration");
        for (const need of [
          "aws:lambda/function:Function migrate",
          "aws:rds/instance:Instance database",
          "aws:ssm/parameter:Parameter parameters-database/host",
          "aws:ssm/parameter:Parameter parameters-database/password",
          ...(proxy
            ? [
                "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule network-functions-to-database-proxy",
                "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule network-database-proxy-to-database",
                "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule network-database-proxy-from-functions",
                "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule network-database-from-database-proxy",
              ]
            : [
                "aws:vpc/securityGroupEgressRule:SecurityGroupEgressRule network-functions-to-database",
                "aws:vpc/securityGroupIngressRule:SecurityGroupIngressRule network-database-from-functions",
              ]),
        ]) {
          assert.ok(needs.includes(need), need);
        }
        for (const name of names) {
          const before = dependencies("aws:lambda/alias:Alias", name);
          const serves = name !== "migrate" && name !== "canary";
          assert.equal(before.includes("aws:lambda/invocation:Invocation migration"), serves, name);
        }
      });

      it("tries new versions of what serves in prod, and nowhere else", () => {
        const { resources, inputs, dependencies } = recording;

        const canaries = resources
          .filter(({ type, name }) => type === "aws:lambda/invocation:Invocation" && name !== "migration")
          .map(({ name }) => name);
        const serving = names.filter((name) => name !== "migrate" && name !== "canary");
        assert.deepEqual(canaries.sort(), stack === "prod" ? [...serving].sort() : []);
        for (const name of canaries) {
          const { functionName, qualifier, input } = inputs("aws:lambda/invocation:Invocation", name);
          assert.deepEqual([functionName, qualifier], ["student-helper-prod-canary", "live"]);
          assert.deepEqual(JSON.parse(String(input)), {
            function_name: `student-helper-prod-${name}`,
            alias: "live",
            version: "7",
            percent: 10,
            minutes: 5,
            alarms: [
              `student-helper-prod-${name}-errors`,
              ...(name === "api" ? ["student-helper-prod-http-api-errors"] : []),
            ],
          });
          const needs = dependencies("aws:lambda/invocation:Invocation", name);
          assert.ok(needs.includes("aws:lambda/invocation:Invocation migration"), name);
          assert.ok(needs.includes("aws:lambda/alias:Alias canary"), name);
          const { alarms } = JSON.parse(String(input)) as { alarms: string[] };
          for (const alarm of alarms) {
            const logical = alarm.replace("student-helper-prod-", "");
            assert.equal(inputs("aws:cloudwatch/metricAlarm:MetricAlarm", logical).name, alarm);
          }
          const before = dependencies("aws:lambda/alias:Alias", name);
          assert.ok(before.includes(`aws:lambda/invocation:Invocation ${name}`), name);
        }
      });

      it("tells functions where the database is once it is there", () => {
        const { dependencies } = recording;

        const needs = dependencies("aws:ssm/parameter:Parameter", "parameters-database/host");

        assert.deepEqual(needs.includes("aws:rds/proxyTarget:ProxyTarget database-proxy"), proxy, needs.join(", "));
        assert.equal(needs.includes("aws:rds/instance:Instance database"), !proxy);
      });

      it("tells functions where everything is", () => {
        const { inputs } = recording;

        const parameter = (name: string): unknown =>
          (inputs("aws:ssm/parameter:Parameter", `parameters-${name}`).value as { secret: unknown }).secret;
        const host = `student-helper-${stack}-database${proxy ? "-proxy.proxy-abc" : ".abc"}.eu-central-1.rds.amazonaws.com`;
        assert.equal(parameter("checkpoints/table"), `student-helper-${stack}-checkpoints`);
        assert.equal(parameter("database/host"), host);
        assert.equal(parameter("database/port"), "5432");
        assert.equal(parameter("database/name"), "student_helper");
        assert.equal(parameter("database/username"), "student_helper");
        assert.equal(parameter("database/password"), "pass:word");
        assert.equal(
          parameter("database/url"),
          `postgresql://student_helper:pass%3Aword@${host}:5432/student_helper?sslmode=require`,
        );
        assert.equal(parameter("events/bus_name"), `student-helper-${stack}-pipeline`);
        assert.equal(parameter("storage/bucket"), `student-helper-${stack}-uploads-123456789012`);
      });

      it("has a network of its own, but for the local stack", () => {
        const { inputs, names: made } = recording;

        const { vpcId } = inputs("aws:ec2/securityGroup:SecurityGroup", "network-functions");
        const { subnetIds } = inputs("aws:rds/subnetGroup:SubnetGroup", "database");
        const { vpcConfig } = inputs("aws:lambda/function:Function", "api") as { vpcConfig: { subnetIds: string[] } };
        assert.equal(made.includes("awsx:ec2:Vpc network"), nat !== undefined);
        if (nat === undefined) {
          assert.equal(vpcId, "vpc-default");
          assert.deepEqual([subnetIds, vpcConfig.subnetIds], [vpcConfig.subnetIds, ["subnet-a", "subnet-b"]]);
        } else {
          assert.equal(vpcId, "vpc-own");
          assert.deepEqual(subnetIds, ["subnet-isolated-1", "subnet-isolated-2"]);
          assert.deepEqual(vpcConfig.subnetIds, ["subnet-private-1", "subnet-private-2"]);
          assert.deepEqual(inputs("awsx:ec2:Vpc", "network").natGateways, { strategy: nat });
        }
      });

      it("has a standby of the database, and a proxy before it, in staging and prod", () => {
        const { inputs, names: made } = recording;

        assert.equal(inputs("aws:rds/instance:Instance", "database").multiAz, standby);
        assert.equal(made.includes("aws:rds/proxy:Proxy database-proxy"), proxy);
      });

      it("tells somebody of alarms where students rely on it", () => {
        const { resources } = recording;

        const told = resources
          .filter(({ type }) => type === "aws:sns/topicSubscription:TopicSubscription")
          .map(({ inputs }) => inputs.endpoint);
        assert.deepEqual(told, isPublic ? ["operations@student-helper.example.org"] : []);
      });

      it("has alarms, and a row of the dashboard, for each function, each queue, the API and the database", () => {
        const { resources, inputs } = recording;

        const alarms = resources.filter(({ type }) => type === "aws:cloudwatch/metricAlarm:MetricAlarm");
        assert.deepEqual(
          alarms.map(({ name }) => name).sort(),
          [
            ...names.flatMap((name) => [`${name}-errors`, `${name}-throttles`, `${name}-slow`]),
            "api-faults",
            ...consumers.flatMap(({ name }) => [`${name}-faults`, `${name}-old-messages`, `${name}-dead-letters`]),
            "http-api-errors",
            "http-api-latency",
            "database-connections",
            "database-storage",
          ].sort(),
        );
        const { dashboardName, dashboardBody } = inputs("aws:cloudwatch/dashboard:Dashboard", "dashboard");
        assert.equal(dashboardName, `student-helper-${stack}-dashboard`);
        const { widgets } = JSON.parse(String(dashboardBody)) as { widgets: { properties: { title: string } }[] };
        const titles = widgets.map(({ properties }) => properties.title);
        for (const name of names) assert.ok(titles.includes(`${name}: runs`), name);
        for (const { name } of consumers) assert.ok(titles.includes(`${name}: queue`), name);
      });
    });
  }
});
