import * as fs from "fs/promises";
import * as path from "path";
import { CommandError, ConcurrentUpdateError, type Stack } from "@pulumi/pulumi/automation";
import { localStackIn } from "../operations/deployed-stack";
import { findInterruption, recover } from "../operations/recovery";
import { ensureAwsPlugin, stopAwsPlugin } from "./aws-plugin";
import { ensureDebian, ensureLambdaBaseImage, ensurePostgresImage, lambdaBaseNames } from "./base-images";
import { buildKit, type Builder, ensureBuilder } from "./builder";
import { type BuildSecrets, buildSecrets } from "./build-secrets";
import { exclusively } from "./cache";
import { dockerEngine, ensureDockerEngine } from "./docker-engine";
import {
  containersOfOthers,
  type Emulator,
  emulatorLog,
  ensureEmulator,
  knowsBucket,
  runningEmulator,
  startDatabases,
  stopEmulator,
} from "./emulator";
import { remedy, StepError } from "./errors";
import { writeWhole } from "./files";
import { untilInterruptedTwice } from "./interruption";
import { releaseSharedDaemon } from "./leases";
import { ensureModels, stopModels } from "./models";
import { print, step } from "./progress";
import { withoutDebugging } from "./program";
import { openStack, plainOutputs } from "./stack";
import { forgetStack } from "./stack-state";
import { ensureToolchain, pulumiEnvironment, type Toolchain } from "./toolchain";
import { packageIndex } from "./toolchain/python";
import { UpdateReport } from "./update-report";

/** Runs a command that starts or stops a system while no other one does. */
export async function alone<T>(instance: string, action: () => Promise<T>): Promise<T> {
  const onWait = (): void =>
    print("  …  waits for another `npm start` or `npm stop` of this checkout; one that was killed, for 15 s");
  return exclusively(path.join(instance, "command"), action, onWait);
}

/**
 * Brings everything up that `up` needs: toolchain, Docker engine, BuildKit, base images, emulator. Safe to call at any
 * time; what is there is used.
 *
 * @param instance the system's folder.
 * @param checkout the folder of the Pulumi program.
 */
export async function prepareSystem(instance: string, checkout: string): Promise<Stack> {
  await fs.mkdir(instance, { recursive: true });
  const toolchain = await ensureToolchain(instance);
  const preparedSecrets = toolchain.emulatorPython.then((python) =>
    buildSecrets(path.join(instance, "build-secrets"), python),
  );
  const [{ bridge, builder, lambdaBase, imagePrefix }, pulumi, python, secrets] = await Promise.all([
    prepareImages(instance, toolchain, preparedSecrets),
    toolchain.pulumi,
    toolchain.emulatorPython,
    preparedSecrets,
  ]);
  const emulator = await step("emulator", async (note) => {
    const isUsable = (running: Emulator): Promise<boolean> => isInStep(instance, running);
    const forget = async (): Promise<void> => {
      // It keeps everything in memory, and saves it only when it ends in order.
      if (await readOutputs(instance)) print("       the emulator has lost what it held: begins with an empty one");
      await forgetSystem(instance);
    };
    const machine = { python, bridge, imagePrefix };
    const result = await ensureEmulator(instance, machine, isUsable, forget);
    const databases = await startDatabases(instance, result);
    const states = { running: "running", resumed: "started with what it held", empty: "started, empty" } as const;
    note(`${result.endpoint}, ${states[result.state]}${databases > 0 ? ", its database started again" : ""}`);
    return result;
  });
  const models = await step("model stand-ins", () => ensureModels(instance, python, emulator.port, bridge));
  const pulumiEnv = { ...(await pulumiEnvironment(pulumi, instance)), AWS_ENDPOINT_URL: emulator.endpoint };
  const stack = await step("Pulumi stack", async () =>
    openStack(
      {
        checkout,
        instance,
        pulumiRoot: pulumi.root,
        env: { ...builder.env, ...pulumiEnv },
      },
      {
        emulator,
        models,
        baseImages: Object.fromEntries((await lambdaBaseNames(checkout)).map((name) => [name, lambdaBase])),
        buildSecrets: secrets,
      },
    ),
  );
  // Which may end the AWS plugin.
  await recoverStack(instance);
  await step("AWS plugin", async () =>
    Object.assign(stack.workspace.envVars, await ensureAwsPlugin(instance, pulumi, pulumiEnv)),
  );
  return stack;
}

/** What images are built with and run by, and the stand-ins for those that are downloaded elsewhere. */
interface Images {
  /** The address under which containers reach this machine. */
  readonly bridge: string;
  readonly builder: Builder;
  readonly lambdaBase: string;
  /** What stands before the name of a database's image. */
  readonly imagePrefix: string;
}

/** Does what needs no more of the toolchain than BuildKit and Python: on a bare machine, Pulumi's are built meanwhile. */
async function prepareImages(instance: string, toolchain: Toolchain, secrets: Promise<BuildSecrets>): Promise<Images> {
  const log = (name: string): string => path.join(instance, "logs", `${name}.log`);
  const { bridge } = await step("Docker engine", async (note) => {
    const engine = await ensureDockerEngine(instance);
    note(engine.version);
    return engine;
  });
  const debian = await step("Debian base", () => ensureDebian(log("debian")));
  const buildKitPrograms = await toolchain.buildKit;
  const builder = await step("BuildKit daemon", () => ensureBuilder(buildKitPrograms, instance));
  const tools = { builder, debian, secrets: await secrets };
  const lambdaBase = await step("Lambda base image", () =>
    ensureLambdaBaseImage(tools, toolchain.go, log("lambda-base")),
  );
  const imagePrefix = await step("PostgreSQL image", () => ensurePostgresImage(tools, log("postgres")));
  return { bridge, builder, lambdaBase, imagePrefix };
}

/**
 * Does what `npm run recover` does, after an update that was killed.
 *
 * @throws StepError when an update runs.
 */
async function recoverStack(instance: string): Promise<void> {
  await step("interrupted update", async (note) => {
    const stack = await localStackIn(instance);
    const interruption = await findInterruption(stack);
    note(interruption.lines.length === 0 ? "none" : "recovered");
    if (interruption.lines.length === 0) return;
    for (const line of interruption.lines) print(`       ${line}`);
    await recover(stack, interruption);
  });
}

/**
 * Whether a running emulator holds what Pulumi takes it to hold. It does not after a reset from outside; what the stack says
 * is then made again in an empty one.
 */
async function isInStep(instance: string, emulator: Emulator): Promise<boolean> {
  const bucket = (await readOutputs(instance))?.UPLOAD_BUCKET;
  return typeof bucket !== "string" || knowsBucket(emulator, bucket);
}

/** Forgets what is known of a system whose emulator, and so all that it held, is gone, and ends what belonged to it. */
async function forgetSystem(instance: string): Promise<void> {
  await stopModels(instance);
  await stopAwsPlugin(instance);
  await forgetStack(instance);
  await fs.rm(outputsFile(instance), { force: true });
}

const outputsFile = (instance: string): string => path.join(instance, "outputs.json");

/**
 * Applies the program and keeps its outputs for `npm run outputs`.
 *
 * @throws StepError with what the engine reported.
 */
export async function applyStack(instance: string, stack: Stack): Promise<Record<string, unknown>> {
  return reported(instance, "pulumi up", async (report, note) => {
    const { summary, outputs } = await untilInterruptedTwice(() =>
      stack.up({ onEvent: report.onEvent, logToStdErr: false }),
    );
    note(changes(summary.resourceChanges));
    const plain = plainOutputs(outputs);
    writeWhole(outputsFile(instance), `${JSON.stringify(plain, undefined, 2)}\n`);
    return plain;
  });
}

/**
 * Shows what {@link applyStack} would change, checked by the policy pack.
 *
 * @param checkout the folder of the Pulumi program and of the pack.
 * @throws StepError with what the engine reported: also the controls that would be broken.
 */
export async function previewStack(instance: string, stack: Stack, checkout: string): Promise<void> {
  await reported(instance, "pulumi preview", async (report, note) => {
    const policyPacks = [path.join(checkout, "policies")];
    const { changeSummary } = await stack.preview({ onEvent: report.onEvent, policyPacks, logToStdErr: false });
    note(changes(changeSummary));
  });
}

const changes = (counts: Readonly<Record<string, number>> = {}): string =>
  Object.entries(counts)
    .map(([operation, count]) => `${count} ${operation}`)
    .join(", ");

/** Runs a command of the engine as a step, keeps what the engine said in a log, and tells a failure by its cause. */
async function reported<T>(
  instance: string,
  title: string,
  action: (report: UpdateReport, note: (text: string) => void) => Promise<T>,
): Promise<T> {
  return step(title, async (note) => {
    const report = new UpdateReport();
    const log = path.join(instance, "logs", `${title.replace(" ", "-")}.log`);
    try {
      return await withoutDebugging(() => action(report, note));
    } catch (error) {
      if (error instanceof ConcurrentUpdateError) throw busy;
      if (!(error instanceof CommandError)) throw error;
      throw report.violations() ?? (await updateError(instance, report.cause() || error.message.trim(), log));
    } finally {
      await fs.mkdir(path.dirname(log), { recursive: true });
      await fs.writeFile(log, report.log.join("\n"));
    }
  });
}

const busy = new StepError(
  "the stack is being updated by another process; nothing was changed.",
  "wait until that update has ended, then run the command again.",
);

async function updateError(instance: string, cause: string, log: string): Promise<StepError> {
  if (!(await runningEmulator(instance))) {
    return new StepError(
      "the AWS emulator ended meanwhile.",
      "run the command again: it starts a new one. If that ends, too, read its log.",
      emulatorLog(instance),
    );
  }
  const goOn = "run the command again: it goes on from here.";
  if (cause === "update canceled") return new StepError("the update was interrupted.", goOn);
  // A refused connection is the network's only where a build step downloads something.
  const source = cause.includes("the image's build failed") ? packageIndex : undefined;
  return new StepError(cause, remedy(cause, `mend the cause, then ${goOn}`, source), log);
}

/** The outputs of the last `up`, while the system runs. */
export async function savedOutputs(instance: string): Promise<Record<string, unknown>> {
  const outputs = await readOutputs(instance);
  if (!outputs || !(await runningEmulator(instance))) {
    throw new StepError("the local system is not running.", "start it with `npm start`.");
  }
  return outputs;
}

async function readOutputs(instance: string): Promise<Record<string, unknown> | undefined> {
  const text = await fs.readFile(outputsFile(instance), "utf8").catch(() => undefined);
  return text === undefined ? undefined : (JSON.parse(text) as Record<string, unknown>);
}

/** Stops a system: its emulator with containers, its models, and the shared processes that nobody else needs any more. */
export async function stopSystem(instance: string): Promise<void> {
  await stopEmulator(instance);
  await forgetSystem(instance);
  await releaseSharedDaemon(buildKit, instance, isSystemRunning);
  await releaseSharedDaemon(dockerEngine, instance, isSystemRunning, async () => {
    const others = await containersOfOthers();
    if (others.length > 0)
      print(`       the Docker engine runs on: it has containers of others (${others.join(", ")})`);
    return others.length > 0;
  });
}

/** Whether the system in a folder runs. */
export async function isSystemRunning(instance: string): Promise<boolean> {
  return (await runningEmulator(instance)) !== undefined;
}
