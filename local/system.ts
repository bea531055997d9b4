import * as fs from "fs/promises";
import * as path from "path";
import { type EngineEvent, type Stack } from "@pulumi/pulumi/automation";
import { ensureDebian, ensureLambdaBaseImage } from "./base-images";
import { buildKit, ensureBuilder } from "./builder";
import { buildSecrets } from "./build-secrets";
import { dockerEngine, ensureDockerEngine } from "./docker-engine";
import { ensureEmulator, runningEmulator, stopEmulator } from "./emulator";
import { StepError } from "./errors";
import { releaseSharedDaemon } from "./leases";
import { print, step } from "./progress";
import { clearDeadLocks, forgetStack, openStack, plainOutputs } from "./stack";
import { ensureToolchain, pulumiEnvironment } from "./toolchain";

/** A local system: a stack applied to an AWS emulator of its own. */
export interface System {
  readonly stack: Stack;
  readonly outputs: Readonly<Record<string, unknown>>;
}

/**
 * Brings everything up that `up` needs: toolchain, Docker engine, BuildKit, base images, emulator. Safe to call at any
 * time; what is there is used.
 *
 * @param instance the system's folder.
 * @param checkout the folder of the Pulumi program.
 */
export async function prepareSystem(instance: string, checkout: string): Promise<Stack> {
  const log = (name: string): string => path.join(instance, "logs", `${name}.log`);
  await fs.mkdir(instance, { recursive: true });
  const toolchain = await ensureToolchain(instance);
  const { bridge } = await step("Docker engine", async (note) => {
    const engine = await ensureDockerEngine(instance);
    note(engine.version);
    return engine;
  });
  const builder = await step("BuildKit daemon", () => ensureBuilder(toolchain.buildKit, instance));
  const secrets = await buildSecrets(path.join(instance, "build-secrets"));
  const debian = await step("Debian base", () => ensureDebian(log("debian")));
  const lambdaBase = await step("Lambda base image", () =>
    ensureLambdaBaseImage({ builder, debian, go: toolchain.go, secrets }, log("lambda-base")),
  );
  const emulator = await step("emulator", async (note) => {
    const result = await ensureEmulator(instance, toolchain.emulatorPython, bridge, () => forgetStack(instance));
    note(`${result.endpoint}, ${result.started ? "started, empty" : "running"}`);
    return result;
  });
  return step("Pulumi stack", async () => {
    await clearDeadLocks(instance);
    return openStack(
      {
        checkout,
        instance,
        pulumiRoot: toolchain.pulumi.root,
        env: { ...builder.env, ...(await pulumiEnvironment(toolchain.pulumi, instance)) },
      },
      {
        emulator,
        baseImages: { "public.ecr.aws/lambda/python:3.13": lambdaBase },
        buildSecrets: secrets,
      },
    );
  });
}

const outputsFile = (instance: string): string => path.join(instance, "outputs.json");

/**
 * Applies the program and keeps its outputs for `npm run outputs`.
 *
 * @throws StepError with what the engine reported.
 */
export async function applyStack(instance: string, stack: Stack): Promise<Record<string, unknown>> {
  return step("pulumi up", async (note) => {
    // The engine repeats some messages.
    const errors = new Set<string>();
    const onEvent = (event: EngineEvent): void => report(event, errors);
    try {
      const { summary, outputs } = await stack.up({ onEvent, logToStdErr: false });
      const changes = Object.entries(summary.resourceChanges ?? {}).map(
        ([operation, count]) => `${count} ${operation}`,
      );
      note(changes.join(", "));
      const plain = plainOutputs(outputs);
      await fs.writeFile(outputsFile(instance), `${JSON.stringify(plain, undefined, 2)}\n`);
      return plain;
    } catch (error) {
      throw new StepError(
        errors.size > 0 ? [...errors].join("\n") : (error as Error).message,
        "mend the cause, then run the command again: it goes on from here.",
      );
    }
  });
}

/** The outputs of the last `up`, while the system runs. */
export async function savedOutputs(instance: string): Promise<Record<string, unknown>> {
  const text = await fs.readFile(outputsFile(instance), "utf8").catch(() => undefined);
  if (text === undefined || !(await runningEmulator(instance))) {
    throw new StepError("the local system is not running.", "start it with `npm start`.");
  }
  return JSON.parse(text) as Record<string, unknown>;
}

/** Stops a system: its emulator with its containers, and the shared processes that nobody else needs any more. */
export async function stopSystem(instance: string): Promise<void> {
  await stopEmulator(instance);
  await forgetStack(instance);
  await fs.rm(outputsFile(instance), { force: true });
  const isRunning = async (other: string): Promise<boolean> => (await runningEmulator(other)) !== undefined;
  await releaseSharedDaemon(buildKit, instance, isRunning);
  await releaseSharedDaemon(dockerEngine, instance, isRunning);
}

function report(event: EngineEvent, errors: Set<string>): void {
  const { diagnosticEvent, resOutputsEvent } = event;
  if (resOutputsEvent && !resOutputsEvent.planning && resOutputsEvent.metadata.op !== "same") {
    const { op, type, urn } = resOutputsEvent.metadata;
    print(`       ${op} ${type} ${urn.split("::").at(-1)}`);
  }
  if (diagnosticEvent?.severity === "error") errors.add(diagnosticEvent.message.trim());
}
