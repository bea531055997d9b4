import * as assert from "assert/strict";
import * as fs from "fs/promises";
import * as path from "path";
import { GetQueueUrlCommand, SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { probe, type Result } from "../../../local/commands";
import { rootCredentials } from "../../../local/emulator";
import { savedPulumiCli } from "../../../local/stack";
import { ensureGo } from "../../../local/toolchain/go";
import { ensureLanguageHost } from "../../../local/toolchain/language-host";
import { ensureEmulatorPython } from "../../../local/toolchain/python";
import { theLocalTarget } from "./target";
import { edit } from "./updates";

/** What is expected of a block that runs. */
export interface Expectation {
  /** How the block begins. */
  readonly begins: string;
  /** What happened before, in the story that the runbook's order tells here. */
  readonly after?: () => Promise<unknown>;
  /** What its commands read of whoever runs them. */
  readonly typed?: string;
  /** Whether it needs nothing of the blocks before, and is tried in a system of its own (runbook-resize.e2e.ts). */
  readonly tellsOwnStory?: true;
  /** What they print. */
  readonly shows: readonly RegExp[];
}

const well = /^go +health +200/m;
const anItem = "0198c000-0000-7000-8000-00000000dead";

/** Every block that runs here, in the runbook's order. */
export const expectations: readonly Expectation[] = [
  {
    begins: "pulumi stack -s $STACK",
    shows: [/Current stack is local/, /^ +api +1 /m, /^UpdateKind: update/m, /^databasePassword +\[secret\]/m],
  },
  {
    begins: "pulumi preview --policy-pack policies",
    after: () => edit("images/api/src/api/app.py", (text) => `${text}\n# A second version.\n`),
    shows: [/ok pulumi preview \(.*update/, /aws:lambda:Alias api updated/, well],
  },
  { begins: "npm run verify", shows: [well] },
  { begins: "npm run releases", shows: [/^ +api +2 /m, /live of api points to 1/, /^go +api +version 1,/m, well] },
  { begins: "npm run rollback", shows: [/live of api points to 2/] },
  {
    begins: "pulumi config set --secret anthropicApiKey",
    typed: "local-rotated-key",
    shows: [/aws:ssm:Parameter parameters-anthropic\/api_key updated/, well],
  },
  {
    begins: "pulumi config set --secret databasePassword",
    typed: "rotated-password",
    shows: [
      /aws:ssm:Parameter parameters-database\/password updated/,
      /aws:rds:Instance database updated/,
      /^go +api +version 2,/m,
      well,
    ],
  },
  {
    begins: "npm run redrive",
    after: giveUpOnAMessage,
    shows: [
      /1 message in the dead-letter queue of analyzer/,
      new RegExp(anItem),
      /1 moved back into the queue of analyzer; 0 in its dead-letter queue/,
    ],
  },
  {
    begins: "pulumi stack history",
    shows: [/nothing to recover/, /Resources:\s+\d+ unchanged/, well],
  },
  { begins: "pulumi refresh --preview-only", shows: [/Resources:\s+\d+ unchanged/] },
  {
    begins: "pulumi config set databaseStorageGigabytes",
    tellsOwnStory: true,
    shows: [/aws:rds:Instance database updated/, well],
  },
  {
    begins: "pulumi config set --path functions.cleanup.reservedConcurrency",
    shows: [/aws:lambda:Function cleanup updated/],
  },
  { begins: "pulumi stack export", shows: [] },
  { begins: "pulumi stack import", shows: [/Import complete/] },
  { begins: "pulumi refresh -s $STACK", shows: [/aws:lambda:Function cleanup updated/, well] },
  { begins: "pulumi config set protectData false", shows: [/Resources:\s+\d+ unchanged/] },
  { begins: "pulumi destroy", shows: [/Resources:\s+- \d+ deleted/] },
];

/** Every block that cannot run here, by how it begins, and why. */
export const cloudOnly = {
  "pulumi stack output DASHBOARD_URL": "the emulator has no console",
  "gh workflow run deploy": "it is GitHub's",
  "npm run scan": "the emulator's registry scans nothing; tests/e2e/sbom.e2e.ts writes a list",
  "read -rs KEY": "the AWS CLI is not of the toolchain; tests/runbook.test.ts tries it without AWS",
  "DB=student-helper-${STACK##*/}-database\naws rds modify": "the local stack's database takes every change at once",
  "DB=student-helper-${STACK##*/}-database\nOLD=":
    "what it renames is put back by no restore; tests/runbook.test.ts tries it without AWS",
  "aws rds restore-db-instance-to-point-in-time": "the emulator restores to no point in time",
  "aws rds restore-db-instance-from-db-snapshot": "the emulator restores a snapshot's name, and no data",
  "aws rds wait db-instance-available --db-instance-identifier $DB &&": "the emulator has no proxy of a database",
  "node -e 'const fs": "there is no second instance whose id could be written down",
  "aws rds create-db-snapshot": "the emulator's snapshots hold no data",
  "pulumi stack rm": "`npm stop` is what ends the local stack",
};

let checkout: string;
let outputs: Readonly<Record<string, string>>;

/** A block of the runbook's commands. */
export interface Block {
  /** What stands behind `console`: nothing, where the block runs here. */
  readonly marker: string;
  readonly lines: string;
}

/** All blocks, in their order. */
export async function runbookBlocks(): Promise<readonly Block[]> {
  const runbook = await fs.readFile(path.join(theLocalTarget().checkout, "docs", "runbook.md"), "utf8");
  const blocks = runbook.matchAll(/^```console(.*)\n([\s\S]*?)^```/gm);
  return [...blocks].map(([, marker = "", lines = ""]) => ({ marker: marker.trim(), lines }));
}

/** Tries blocks one after the other in a second checkout's system, while the tests' own system runs. */
export function triesBlocks(story: readonly Expectation[]): void {
  before(async () => {
    ({ checkout } = theLocalTarget());
    const started = await probe("npm", ["start"], { cwd: checkout });
    assert.equal(started.exitCode, 0, started.all);
    outputs = JSON.parse(
      (await probe("npm", ["run", "outputs", "--silent"], { cwd: checkout })).stdout,
    ) as typeof outputs;
  });

  after(() => probe("npm", ["stop"], { cwd: checkout }));

  for (const expectation of story) {
    const { begins, after: precedes, typed, shows } = expectation;
    it(`works as it stands: ${begins}`, async () => {
      const blocks = (await runbookBlocks()).filter(({ marker }) => marker === "");
      const { lines } = blocks[expectations.indexOf(expectation)]!;
      await precedes?.();

      const done = await shell(lines, typed);

      assert.equal(done.exitCode, 0, `${lines}\n${done.all}`);
      for (const pattern of shows) assert.match(done.all, pattern);
    });
  }
}

/** Runs lines as their reader would, who answers yes to each question and types what is asked for. */
async function shell(lines: string, typed = ""): Promise<Result> {
  const settings = await pulumiSettings();
  // The language host here can start no policy pack: `npm run preview` is the same preview by another way. What `pulumi`
  // needs to work on the local stack is for nothing else.
  const reader = `
    pulumi() {
      case "$*" in
        preview*) command npm run --silent preview ;;
        *--preview-only*) env ${settings} pulumi "$@" ;;
        *) env ${settings} PULUMI_SKIP_CONFIRMATIONS=true pulumi "$@" ;;
      esac
    }
    npm() {
      case "$2" in rollback | redrive | recover) command npm "$@" --yes ;; *) command npm "$@" ;; esac
    }
  `;
  return probe("bash", ["-e", "-c", `${reader}\n{ ${lines}\n} <<< "$TYPED"`], {
    cwd: checkout,
    env: { STACK: "local", TYPED: typed },
  });
}

/** The variables by which the Pulumi CLI works on the second checkout's local stack from there, for `env`. */
async function pulumiSettings(): Promise<string> {
  const instance = path.join(checkout, ".local", "main");
  const cli = await savedPulumiCli(instance);
  const log = path.join(instance, "logs", "language-host.log");
  const go = (): Promise<string> => ensureGo(() => ensureEmulatorPython(log), log);
  const folders = cli.folder === undefined ? [] : [cli.folder, await ensureLanguageHost(go, log)];
  const settings = {
    ...cli.env,
    PATH: [...folders, process.env.PATH].join(path.delimiter),
    PULUMI_OPTION_CONFIG_FILE: path.join(instance, "workspace", "Pulumi.local.yaml"),
  };
  return Object.entries(settings)
    .map(([name, value]) => `${name}='${value}'`)
    .join(" ");
}

/** A message about an item that is gone waits in the analyzer's dead-letter queue. */
async function giveUpOnAMessage(): Promise<void> {
  const { AWS_ENDPOINT_URL: endpoint, AWS_REGION: region } = outputs;
  const sqs = new SQSClient({ endpoint, region, credentials: rootCredentials });
  const QueueName = "student-helper-local-analyzer-dead-letter";
  const { QueueUrl } = await sqs.send(new GetQueueUrlCommand({ QueueName }));
  const event = {
    source: "student-helper",
    "detail-type": "ImageProcessed",
    detail: { version: 1, item_id: anItem, object_version: "1" },
  };
  await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: JSON.stringify(event) }));
}
