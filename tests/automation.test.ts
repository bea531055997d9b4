/** What deploys the stacks besides GitHub's workflows: Pulumi Cloud's settings; and what keeps versions fresh: Renovate. */
import * as assert from "node:assert/strict";
import * as fs from "node:fs";
import * as path from "node:path";
import { dependencies } from "../package.json";
import { matches, read, role, root, stacks, text, workflows } from "./support/automation";

describe("deployment settings", () => {
  it("are there for every stack but the local one", () => {
    assert.deepEqual(matches(".", /^Pulumi\.([\w-]+)\.deploy\.yaml$/).sort(), stacks.sort());
  });

  for (const stack of stacks) {
    const when = { dev: "what is pushed", pr: "pull requests" }[stack] ?? "when somebody starts it";
    it(`of ${stack} deploy ${when}, with a role and no key`, () => {
      const settings = read(`Pulumi.${stack}.deploy.yaml`);

      assert.deepEqual(settings, {
        settings: {
          executorContext: { executorImage: { reference: `pulumi/pulumi:${dependencies["@pulumi/pulumi"]}` } },
          sourceContext: { git: { branch: "refs/heads/main" } },
          gitHub: {
            repository: "student-helper/student-helper",
            deployCommits: stack === "dev",
            previewPullRequests: false,
            pullRequestTemplate: stack === "pr",
          },
          operationContext: {
            oidc: {
              aws: {
                roleArn: role(stack, "deploy"),
                sessionName: `pulumi-deployments-${stack}`,
                duration: "2h0m0s",
              },
            },
            preRunCommands: ["npm ci --ignore-scripts"],
            options: {
              skipInstallDependencies: true,
              skipIntermediateDeployments: true,
              deleteAfterDestroy: stack === "pr",
              remediateIfDriftDetected: false,
            },
          },
        },
      });
    });
  }
});

describe("Renovate", () => {
  interface Renovate {
    readonly extends: readonly string[];
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

  it("pins actions and base images by digest", () => {
    for (const preset of ["helpers:pinGitHubActionDigestsToSemver", "docker:pinDigests"]) {
      assert.ok(renovate.extends.includes(preset), preset);
    }
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
      ...Array.from({ length: 3 }, () => `.github/workflows/deploy.yml ${pulumi}`),
      `.github/workflows/drift.yml ${pulumi}`,
      `.github/workflows/preview.yml ${pulumi}`,
      ...Array.from({ length: 4 }, () => `.github/workflows/review.yml ${pulumi}`),
      ...[...stacks].sort().map((stack) => `Pulumi.${stack}.deploy.yaml ${pulumi}`),
      `local/toolchain/go.ts ${version("local/toolchain/go.ts", /goRelease = "(.+)"/)}`,
      `local/toolchain/pulumi.ts ${version("local/toolchain/pulumi/go.mod", /pulumi\/pkg\/v3 (\S+)/)}`,
    ]);
  });
});
