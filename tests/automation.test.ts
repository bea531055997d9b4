/** What deploys the stacks without anybody at a keyboard: Pulumi Cloud's settings, GitHub's workflows, Renovate. */
import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { parse } from "yaml";
import { probe } from "../local/commands";
import { ensureActionlint } from "../local/toolchain/actionlint";
import { ensureGo } from "../local/toolchain/go";
import { ensureEmulatorPython } from "../local/toolchain/python";
import { dependencies } from "../package.json";

const root = path.resolve(__dirname, "..");
const text = (file: string): string => fs.readFileSync(path.join(root, file), "utf8");
const read = <T>(file: string): T => parse(text(file)) as T;
const matches = (folder: string, pattern: RegExp): string[] =>
  fs.readdirSync(path.join(root, folder)).flatMap((file) => pattern.exec(file)?.[1] ?? []);

const stacks = matches(".", /^Pulumi\.(\w+)\.yaml$/).filter((stack) => stack !== "local");
const repository = "student-helper/student-helper";
const region = "eu-central-1";
const role = (stack: string, work: "preview" | "deploy"): string =>
  `arn:aws:iam::123456789012:role/student-helper-${stack}-${work}`;

describe("deployment settings", () => {
  it("are there for every stack but the local one", () => {
    assert.deepEqual(matches(".", /^Pulumi\.(\w+)\.deploy\.yaml$/).sort(), stacks.sort());
  });

  for (const stack of stacks) {
    it(`of ${stack} deploy ${stack === "dev" ? "what is pushed" : "when somebody starts it"}, with a role and no key`, () => {
      const settings = read(`Pulumi.${stack}.deploy.yaml`);

      assert.deepEqual(settings, {
        settings: {
          executorContext: { executorImage: { reference: `pulumi/pulumi:${dependencies["@pulumi/pulumi"]}` } },
          sourceContext: { git: { branch: "refs/heads/main" } },
          gitHub: {
            repository,
            deployCommits: stack === "dev",
            previewPullRequests: false,
            pullRequestTemplate: false,
          },
          operationContext: {
            oidc: {
              aws: {
                roleArn: role(stack, "deploy"),
                sessionName: `pulumi-deployments-${stack}`,
                duration: "2h0m0s",
              },
            },
            preRunCommands: ["npm ci"],
            options: {
              skipInstallDependencies: true,
              skipIntermediateDeployments: true,
              deleteAfterDestroy: false,
              remediateIfDriftDetected: false,
            },
          },
        },
      });
    });
  }
});

interface Step {
  readonly uses?: string;
  readonly run?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly with?: Readonly<Record<string, unknown>>;
}

interface Concurrency {
  readonly group: string;
  readonly "cancel-in-progress": unknown;
}

interface Job {
  readonly if: string;
  readonly needs?: string;
  readonly environment?: string;
  readonly permissions: unknown;
  readonly concurrency?: Concurrency;
  readonly strategy?: { readonly matrix: { readonly stack: readonly string[] } };
  readonly "timeout-minutes": number;
  readonly steps: readonly Step[];
}

interface Workflow {
  readonly on: Readonly<Record<string, unknown>>;
  readonly permissions: unknown;
  readonly concurrency?: Concurrency;
  readonly jobs: Readonly<Record<string, Job>>;
}

const prepareFile = ".github/actions/prepare/action.yml";
const prepare = read<{ runs: { steps: readonly Step[] } }>(prepareFile).runs.steps;
const workflows = Object.fromEntries(
  matches(".github/workflows", /^(.+)\.yml$/).map((name) => [name, read<Workflow>(`.github/workflows/${name}.yml`)]),
);
const jobs = Object.entries(workflows).flatMap(([name, workflow]) =>
  Object.entries(workflow.jobs).map(([job, definition]) => ({ name: `${name}/${job}`, workflow, job: definition })),
);
const withOf = (steps: readonly Step[], action: string): Readonly<Record<string, unknown>> | undefined =>
  steps.find(({ uses }) => uses?.startsWith(action))?.with;
const readOnly = { contents: "read", "id-token": "write" };

/** What each job may do on GitHub, and which role it takes on for which stacks. */
const expected: Readonly<Record<string, { permissions: unknown; role: (stack: string) => string; stacks: string[] }>> =
  {
    "deploy/preview": {
      permissions: readOnly,
      role: (stack) => role(stack, "preview"),
      stacks: ["staging", "prod"],
    },
    "deploy/update": {
      permissions: readOnly,
      role: (stack) => role(stack, "deploy"),
      stacks: ["staging", "prod", "dev"],
    },
    "drift/drift": {
      permissions: readOnly,
      role: (stack) => role(stack, "preview"),
      stacks: ["dev", "staging", "prod"],
    },
    "preview/preview": {
      permissions: { ...readOnly, "pull-requests": "write" },
      role: (stack) => role(stack, "preview"),
      stacks: ["dev"],
    },
  };

/** A template of a workflow as it is for a stack. */
const forStack = (template: unknown, stack: string): string =>
  String(template)
    .replace("${{ vars.PULUMI_BACKEND_URL == '' && 'student-helper/' || '' }}", "student-helper/")
    .replace(/\$\{\{ (inputs\.stack( \|\| 'dev')?|matrix\.stack) \}\}/, stack);

describe("workflows", () => {
  it("are preview, deploy and drift, started as their names say", () => {
    const stack = {
      description: "Stack to update",
      type: "choice",
      options: ["staging", "prod"],
      required: true,
    };

    const triggers = Object.fromEntries(Object.entries(workflows).map(([name, { on }]) => [name, on]));

    assert.deepEqual(triggers, {
      preview: { pull_request: { branches: ["main"] } },
      deploy: { push: { branches: ["main"] }, workflow_dispatch: { inputs: { stack } } },
      drift: { schedule: [{ cron: "17 3 * * *" }], workflow_dispatch: null },
    });
  });

  it("have the jobs whose permissions and roles are expected below", () => {
    assert.deepEqual(jobs.map(({ name }) => name).sort(), Object.keys(expected));
  });

  for (const { name, workflow, job } of jobs) {
    describe(name, () => {
      it("may do on GitHub what it needs, and nothing else", () => {
        assert.deepEqual(workflow.permissions, {});
        assert.deepEqual(job.permissions, expected[name]?.permissions);
        assert.deepEqual(withOf(job.steps, "actions/checkout@"), { "persist-credentials": false });
      });

      it("works on its stacks, with the role for its work", () => {
        const { stacks: own, role: roleOf } = expected[name]!;
        const roleTemplate = withOf(job.steps, "./.github/actions/prepare")?.role;
        const stackTemplate =
          withOf(job.steps, "pulumi/actions@")?.["stack-name"] ??
          job.steps.find(({ run }) => run !== undefined)?.env?.STACK;

        const does = own.map((stack) => [forStack(stackTemplate, stack), forStack(roleTemplate, stack)]);

        assert.deepEqual(
          does,
          own.map((stack) => [`student-helper/${stack}`, roleOf(stack)]),
        );
      });

      it("ends before its credentials do", () => {
        const seconds = Number(withOf(job.steps, "./.github/actions/prepare")?.duration ?? 3600);

        assert.ok(job["timeout-minutes"] > 0 && job["timeout-minutes"] * 60 <= seconds);
      });

      it("has the Pulumi CLI of package.json's version", () => {
        assert.equal(withOf(job.steps, "pulumi/actions@")?.["pulumi-version"], dependencies["@pulumi/pulumi"]);
      });
    });
  }

  it("run nothing of a fork, and nothing but main's commits where they change something or know staging and prod", () => {
    const conditions = Object.fromEntries(jobs.map(({ name, job }) => [name, job.if]));

    assert.deepEqual(conditions, {
      "preview/preview": "github.event.pull_request.head.repo.full_name == github.repository",
      "deploy/preview": "github.event_name == 'workflow_dispatch' && github.ref == 'refs/heads/main'",
      "deploy/update":
        "!cancelled() && github.ref == 'refs/heads/main' && " +
        "(github.event_name == 'push' || needs.preview.result == 'success')",
      "drift/drift": "github.ref == 'refs/heads/main'",
    });
  });

  it("update after the preview and the approval of the stack's environment, one after the other, never cancelled", () => {
    const { update } = workflows.deploy!.jobs;

    assert.equal(update?.needs, "preview");
    assert.equal(update?.environment, "${{ inputs.stack || 'dev' }}");
    assert.deepEqual(update?.concurrency, {
      group: "update-${{ inputs.stack || 'dev' }}",
      "cancel-in-progress": false,
    });
    assert.equal(workflows.deploy?.concurrency, undefined);
    assert.deepEqual(
      jobs.filter(({ job }) => withOf(job.steps, "pulumi/actions@")?.command === "up").map(({ name }) => name),
      ["deploy/update"],
    );
  });

  it("cancel nothing but the preview of an outdated commit", () => {
    const cancelling = jobs.flatMap(({ name, workflow, job }) =>
      [workflow.concurrency, job.concurrency].some((own) => own !== undefined && own["cancel-in-progress"] !== false)
        ? [name]
        : [],
    );

    assert.deepEqual(cancelling, ["preview/preview"]);
    assert.equal(workflows.preview?.concurrency?.group, "preview-${{ github.event.pull_request.number }}");
  });

  it("comment on the pull request, and hold it against the policies", () => {
    const { steps } = workflows.preview!.jobs.preview!;

    const inputs = withOf(steps, "pulumi/actions@");

    assert.equal(inputs?.command, "preview");
    assert.equal(inputs?.["comment-on-pr"], true);
    assert.equal(inputs?.policyPacks, "policies");
  });

  it("look for drift of every stack, and change nothing", () => {
    const { strategy, steps } = workflows.drift!.jobs.drift!;

    assert.deepEqual([...(strategy?.matrix.stack ?? [])].sort(), stacks.sort());
    assert.deepEqual(
      steps.flatMap(({ run }) => run ?? []),
      ['pulumi refresh --preview-only --expect-no-changes --diff --non-interactive --stack "$STACK"'],
    );
  });

  it("install packages before there are credentials, in the region of the stacks", () => {
    const order = prepare.map(({ uses, run }) => uses?.split("@")[0] ?? run);

    assert.deepEqual(order, [
      "actions/setup-node",
      "npm ci",
      "aws-actions/configure-aws-credentials",
      "pulumi/auth-actions",
    ]);
    assert.equal(withOf(prepare, "aws-actions/")?.["aws-region"], region);
    for (const stack of stacks) {
      const { config } = read<{ config: Record<string, unknown> }>(`Pulumi.${stack}.yaml`);
      assert.equal(config["aws:region"], region, stack);
    }
  });

  for (const file of [...Object.keys(workflows).map((name) => `.github/workflows/${name}.yml`), prepareFile]) {
    it(`pin every action by commit, and name its version, in ${file}`, () => {
      const uses = [...text(file).matchAll(/\buses: (.+)$/gm)].map((match) => match[1] ?? "");

      const loose = uses.filter(
        (line) => line !== "./.github/actions/prepare" && !/^[\w-]+\/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/.test(line),
      );

      assert.ok(uses.length > 0);
      assert.deepEqual(loose, []);
    });

    it(`use no stored secret and give a fork's code no rights, in ${file}`, () => {
      // Without its comments.
      const content = JSON.stringify(read(file));

      assert.doesNotMatch(content, /secrets|pull_request_target|workflow_run|access-key|AKIA|write-all/i);
    });
  }

  it("name one commit for each action", () => {
    const all = [...Object.keys(workflows).map((name) => `.github/workflows/${name}.yml`), prepareFile]
      .flatMap((file) => [...text(file).matchAll(/\buses: ([\w-]+\/[\w-]+)(@.+)$/gm)])
      .map((match) => ({ action: match[1], pin: match[2] }));

    const pins = new Set(all.map(({ action, pin }) => `${action}${pin}`));

    assert.equal(pins.size, new Set(all.map(({ action }) => action)).size, [...pins].join("\n"));
  });

  it("pass actionlint", async function () {
    // It is built when it is not in the cache, and a Go compiler fetched where there is none.
    this.timeout(600_000);
    const log = path.join(root, ".local", "logs", "actionlint.log");
    const actionlint = await ensureActionlint(() => ensureGo(() => ensureEmulatorPython(log), log), log);
    const files = Object.keys(workflows).map((name) => path.join(root, ".github", "workflows", `${name}.yml`));

    // What is installed beside it (shellcheck, pyflakes) decides nothing.
    const { exitCode, all } = await probe(actionlint, ["-no-color", "-shellcheck=", "-pyflakes=", ...files], {
      cwd: root,
    });

    assert.deepEqual([exitCode, all], [0, ""]);
  });
});

describe("Renovate", () => {
  interface Renovate {
    readonly enabledManagers: readonly string[];
    readonly customManagers: readonly {
      readonly managerFilePatterns: readonly string[];
      readonly matchStrings: readonly string[];
    }[];
  }
  const renovate = JSON.parse(text("renovate.json")) as Renovate;
  const files = [
    ...fs.readdirSync(root),
    ...Object.keys(workflows).map((name) => `.github/workflows/${name}.yml`),
    ...fs.readdirSync(path.join(root, "local", "toolchain")).map((name) => `local/toolchain/${name}`),
  ];

  it("keeps npm, Python, Docker, Go and the actions fresh", () => {
    assert.deepEqual(
      [...renovate.enabledManagers].sort(),
      ["custom.regex", "dockerfile", "github-actions", "gomod", "npm", "pip_requirements"].sort(),
    );
  });

  it("finds the versions that stand in other files", () => {
    const found = renovate.customManagers.flatMap(({ managerFilePatterns, matchStrings }) => {
      const patterns = managerFilePatterns.map((pattern) => new RegExp(pattern.slice(1, -1)));
      return files
        .filter((file) => patterns.some((pattern) => pattern.test(file)))
        .flatMap((file) =>
          matchStrings.flatMap((match) =>
            [...text(file).matchAll(new RegExp(match, "g"))].map((hit) => `${file} ${hit.groups?.currentValue}`),
          ),
        );
    });

    const pulumi = dependencies["@pulumi/pulumi"];
    const version = (file: string, pattern: RegExp): string => pattern.exec(text(file))?.[1] ?? "none";
    assert.deepEqual(found.sort(), [
      `.github/workflows/deploy.yml ${pulumi}`,
      `.github/workflows/deploy.yml ${pulumi}`,
      `.github/workflows/drift.yml ${pulumi}`,
      `.github/workflows/preview.yml ${pulumi}`,
      ...["dev", "prod", "staging"].map((stack) => `Pulumi.${stack}.deploy.yaml ${pulumi}`),
      `local/toolchain/go.ts ${version("local/toolchain/go.ts", /goRelease = "(.+)"/)}`,
      `local/toolchain/pulumi.ts ${version("local/toolchain/pulumi/go.mod", /pulumi\/pkg\/v3 (\S+)/)}`,
    ]);
  });
});
