/** GitHub's workflows, which preview, deploy, review, and look for drift. */
import * as assert from "node:assert/strict";
import * as path from "node:path";
import { probe } from "../local/commands";
import { ensureActionlint } from "../local/toolchain/actionlint";
import { ensureGo } from "../local/toolchain/go";
import { ensureEmulatorPython } from "../local/toolchain/python";
import { dependencies } from "../package.json";
import {
  type Job,
  jobs,
  prepare,
  prepareFile,
  read,
  role,
  root,
  stacks,
  text,
  withOf,
  workflows,
} from "./support/automation";

const region = "eu-central-1";
const readOnly = { contents: "read", "id-token": "write" };

/** What each job may do on GitHub; and on which stacks it works, as which role. */
const expected: Readonly<Record<string, { permissions: unknown; works: [stack?: string, role?: string][] }>> = {
  "audit/audit": { permissions: { contents: "read" }, works: [[undefined, undefined]] },
  "deploy/preview": {
    permissions: readOnly,
    works: ["staging", "prod"].map((stack) => [stack, role(stack, "preview")]),
  },
  "deploy/update": {
    permissions: readOnly,
    works: ["staging", "prod", "dev"].map((stack) => [stack, role(stack, "deploy")]),
  },
  "drift/drift": {
    permissions: readOnly,
    works: ["dev", "staging", "prod"].map((stack) => [stack, role(stack, "preview")]),
  },
  "preview/preview": {
    permissions: { ...readOnly, "pull-requests": "write" },
    works: [["dev", role("dev", "preview")]],
  },
  "review/destroy": { permissions: readOnly, works: [["pr-12", role("pr", "deploy")]] },
  "review/ended": { permissions: { actions: "write" }, works: [[undefined, undefined]] },
  "review/expired": {
    permissions: { ...readOnly, "pull-requests": "read" },
    works: [[undefined, role("pr", "preview")]],
  },
  "review/update": {
    permissions: { ...readOnly, "pull-requests": "write" },
    works: [["pr-12", role("pr", "deploy")]],
  },
};

/** A template of a workflow as it is for a stack. */
const forStack = (template: unknown, stack = ""): string | undefined =>
  (template as string | undefined)
    ?.replace(/\$\{\{ (inputs\.stack( \|\| 'dev')?|matrix\.stack) \}\}/, stack)
    .replace("pr-${{ github.event.pull_request.number }}", stack);

/** Which stack a job works on, as its commands are told. */
function stackTemplate({ steps, env }: Job): unknown {
  const named = steps.flatMap((step) => step.with?.["stack-name"] ?? []);
  const [first = steps.find((step) => step.env?.STACK !== undefined)?.env?.STACK] = named;
  return first === "${{ env.STACK }}" ? env?.STACK : first;
}

const commands = ({ steps }: Job): string[] => steps.flatMap(({ run }) => run ?? []);

describe("workflows", () => {
  it("are audit, preview, deploy, review and drift, started as their names say", () => {
    const stack = {
      description: "Stack to update",
      type: "choice",
      options: ["staging", "prod"],
      required: true,
    };

    const triggers = Object.fromEntries(Object.entries(workflows).map(([name, { on }]) => [name, on]));

    assert.deepEqual(triggers, {
      audit: {
        pull_request: {
          branches: ["main"],
          paths: ["**/package-lock.json", "**/requirements.txt", "operations/audit*"],
        },
        schedule: [{ cron: "29 3 * * *" }],
        workflow_dispatch: null,
      },
      preview: { pull_request: { branches: ["main"] } },
      deploy: { push: { branches: ["main"] }, workflow_dispatch: { inputs: { stack } } },
      drift: { schedule: [{ cron: "17 3 * * *" }], workflow_dispatch: null },
      review: {
        pull_request: { branches: ["main"], types: ["labeled", "unlabeled", "synchronize", "reopened", "closed"] },
        schedule: [{ cron: "43 * * * *" }],
        workflow_dispatch: null,
      },
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
        for (const { uses, with: inputs } of job.steps) {
          if (uses?.startsWith("actions/checkout@")) assert.deepEqual(inputs, { "persist-credentials": false });
        }
      });

      it("works on its stacks, with the role for its work", () => {
        const { works } = expected[name]!;
        const roleTemplate = withOf(job.steps, "./.github/actions/prepare")?.role;

        const does = works.map(([stack]) => [forStack(stackTemplate(job), stack), forStack(roleTemplate, stack)]);

        assert.deepEqual(
          does,
          works.map(([stack, own]) => [stack && `student-helper/${stack}`, own]),
        );
      });

      it("ends before its credentials do", () => {
        const seconds = Number(withOf(job.steps, "./.github/actions/prepare")?.duration ?? 3600);

        assert.ok(job["timeout-minutes"] > 0 && job["timeout-minutes"] * 60 <= seconds);
      });

      it("has the Pulumi CLI of package.json's version", () => {
        const versions = job.steps.flatMap(({ uses, with: inputs }) =>
          uses?.startsWith("pulumi/actions@") ? [inputs?.["pulumi-version"]] : [],
        );

        const wanted = ["audit/audit", "review/ended"].includes(name) ? [] : [dependencies["@pulumi/pulumi"]];
        assert.deepEqual([...new Set(versions)], wanted);
      });
    });
  }

  it("run nothing of a fork, and nothing but main's commits where they change something or know staging and prod", () => {
    const conditions = Object.fromEntries(jobs.map(({ name, job }) => [name, job.if]));

    // Where Pulumi Cloud deploys dev and review stacks, two updates of one stack would meet.
    const ofRepository =
      "github.event_name == 'pull_request' && vars.PULUMI_DEPLOYMENTS != 'true' && " +
      "github.event.pull_request.head.repo.full_name == github.repository";
    assert.deepEqual(conditions, {
      // Without a role and without secrets, it may run for anybody.
      "audit/audit": undefined,
      "preview/preview": "github.event.pull_request.head.repo.full_name == github.repository",
      "deploy/preview": "github.event_name == 'workflow_dispatch' && github.ref == 'refs/heads/main'",
      "deploy/update":
        "!cancelled() && github.ref == 'refs/heads/main' && " +
        "(github.event_name == 'push' && vars.PULUMI_DEPLOYMENTS != 'true' || needs.preview.result == 'success')",
      "drift/drift": "github.ref == 'refs/heads/main'",
      "review/update":
        `${ofRepository} && contains(github.event.pull_request.labels.*.name, 'review-stack') && ` +
        "(github.event.action == 'synchronize' || github.event.action == 'reopened' || " +
        "github.event.label.name == 'review-stack')",
      "review/ended":
        `${ofRepository} && (github.event.action == 'closed' || ` +
        "(github.event.action == 'unlabeled' && github.event.label.name == 'review-stack'))",
      "review/expired": "github.event_name != 'pull_request' && github.ref == 'refs/heads/main'",
      "review/destroy": "needs.expired.outputs.stacks != '[]'",
    });
  });

  it("update after the preview and the approval of the stack's environment, dev without one, one after the other, never cancelled", () => {
    const { update } = workflows.deploy!.jobs;

    assert.equal(update?.needs, "preview");
    assert.equal(update?.environment, "${{ inputs.stack }}");
    assert.deepEqual(update?.concurrency, {
      group: "update-${{ inputs.stack || 'dev' }}",
      "cancel-in-progress": false,
    });
    assert.equal(workflows.deploy?.concurrency, undefined);
  });

  it("hold what they change against the policies, too", () => {
    const updates = jobs.flatMap(({ name, job }) =>
      job.steps.flatMap(({ with: inputs }) => (inputs?.command === "up" ? [[name, inputs.policyPacks]] : [])),
    );

    assert.deepEqual(updates, [
      ["deploy/update", "policies"],
      ["review/update", "policies"],
    ]);
  });

  it("ask for an approval of prod, and update it, once a scan has found nothing that is grave in staging's images", () => {
    const { preview, update } = workflows.deploy!.jobs;

    const scans = [preview!, update!].map(({ steps }) => steps.filter(({ run }) => run?.includes("npm run scan")));

    for (const steps of scans) {
      assert.deepEqual(
        steps.map(({ if: condition, run, env }) => [condition, run, forStack(env?.STACK)]),
        [["inputs.stack == 'prod'", 'npm run scan -- --stack "$STACK"', "student-helper/staging"]],
      );
    }
    // Directly before, so that nothing else comes to staging meanwhile.
    const position = update!.steps.indexOf(scans[1]![0]!);
    assert.equal(update!.steps[position + 1]?.with?.command, "up");
  });

  it("keep lists of what is in the images", () => {
    const { update } = workflows.deploy!.jobs;

    assert.equal(commands(update!).at(-1), 'npm run sbom -- --stack "$STACK"');
    assert.deepEqual(withOf(update!.steps, "actions/upload-artifact@"), {
      name: "sbom-${{ inputs.stack || 'dev' }}",
      path: "sbom/",
      "if-no-files-found": "error",
      "retention-days": 90,
    });
  });

  it("make a review stack of the template once a reviewer has approved", () => {
    const { update } = workflows.review!.jobs;

    assert.equal(update?.environment, "review");
    assert.deepEqual(commands(update), [
      'pulumi stack select --create "$STACK"',
      'pulumi config cp --stack "$TEMPLATE" --dest "$STACK"',
    ]);
    assert.equal(forStack(update?.env?.TEMPLATE), "student-helper/pr");
    const inputs = update?.steps.at(-1)?.with;
    assert.deepEqual([inputs?.command, inputs?.["comment-on-pr"]], ["up", true]);
  });

  it("destroy review stacks by main's code, not while they are updated", () => {
    const { update, ended, expired, destroy } = workflows.review!.jobs;

    assert.deepEqual(commands(ended!), ['gh workflow run review.yml --ref main --repo "$GITHUB_REPOSITORY"']);
    assert.deepEqual(commands(expired!), ['npx tsx operations/expired-review-stacks.ts >> "$GITHUB_OUTPUT"']);
    assert.deepEqual(expired?.outputs, { stacks: "${{ steps.expired.outputs.stacks }}" });
    assert.equal(destroy?.needs, "expired");
    assert.equal(destroy?.strategy?.matrix.stack, "${{ fromJSON(needs.expired.outputs.stacks) }}");
    assert.deepEqual(commands(destroy), ['pulumi destroy --remove --yes --non-interactive --stack "$STACK"']);
    assert.equal(forStack(update?.concurrency?.group, "pr-12"), "review-pr-12");
    assert.equal(forStack(destroy?.concurrency?.group, "pr-12"), "review-pr-12");
    assert.equal(workflows.review?.concurrency, undefined);
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

  it("have the rights of a team in Pulumi Cloud where they run what nobody has approved, else the organization's", () => {
    const teams = jobs.flatMap(({ name, job }) => {
      const inputs = withOf(job.steps, "./.github/actions/prepare");
      return inputs?.team === undefined ? [] : [[name, inputs.team]];
    });

    assert.deepEqual(teams, [["preview/preview", "previews"]]);
    const token = withOf(prepare, "pulumi/auth-actions@");
    assert.deepEqual(token, {
      organization: "student-helper",
      // https://www.pulumi.com/docs/reference/cloud-rest-api/oauth-token-exchange
      "requested-token-type": "urn:pulumi:token-type:access_token:${{ inputs.team == '' && 'organization' || 'team' }}",
      scope: "${{ inputs.team != '' && format('team:{0}', inputs.team) || '' }}",
    });
  });

  it("look for vulnerable packages of what is locked", () => {
    assert.deepEqual(commands(workflows.audit!.jobs.audit!), ["npm ci", "npm run audit"]);
  });

  it("look for drift of every stack, and change nothing", () => {
    const { strategy, steps } = workflows.drift!.jobs.drift!;

    assert.deepEqual([...(strategy?.matrix.stack ?? [])].sort(), stacks.filter((stack) => stack !== "pr").sort());
    assert.deepEqual(
      steps.flatMap(({ run }) => run ?? []),
      ['pulumi refresh --preview-only --expect-no-changes --diff --non-interactive --stack "$STACK"'],
    );
  });

  it("install packages without their scripts, which could sign in as the job does, in the region of the stacks", () => {
    const order = prepare.map(({ uses, run }) => uses?.split("@")[0] ?? run);

    assert.deepEqual(order, [
      "actions/setup-node",
      "npm ci --ignore-scripts",
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
