import * as fs from "fs/promises";
import * as os from "os";
import * as path from "path";
import type { EngineEvent } from "@pulumi/pulumi/automation";
import { withoutDebugging } from "../../local/program";
import { type Figure, repeated, seconds } from "../figures";
import { runProgram } from "../program";
import { type BenchSystem, touch } from "../system";

/** What `pulumi preview` and `pulumi up` cost, with and without changes. */
export async function updates(system: BenchSystem, runs: number): Promise<Figure[]> {
  const { checkout, stack } = system;
  const up = (): Promise<number> => seconds(() => withoutDebugging(() => stack.up({})));
  const unchanged = await repeated(runs, up);
  const programAlone = await repeated(runs, async () => {
    const { loadSeconds, runSeconds } = await runProgram(checkout, "local");
    return loadSeconds + runSeconds;
  });
  const previews = await repeated(runs, () => seconds(() => withoutDebugging(() => stack.preview({}))));
  const model = "student-helper:anthropicModel";
  const oneParameter = await repeated(runs, async (time) => {
    await stack.setConfig(model, { value: `model-${time}` });
    return up();
  });
  // Another benchmark may ask the model; the next `up` takes it back.
  await stack.removeConfig(model);
  const oneLine = await repeated(runs, async () => {
    await touch(checkout, "images/api/src/api/app.py");
    return up();
  });
  const changes = await providerChanges(system);
  return [
    {
      what: "one handler line by `pulumi up`",
      unit: "s",
      values: oneLine,
      floor: { what: "an `up` that changes one parameter", values: oneParameter },
      goal: { most: 7, timesFloor: 1.5 },
    },
    {
      what: "`pulumi preview` without changes",
      unit: "s",
      values: previews,
      floor: { what: "the program alone", values: programAlone },
      goal: { most: 2.7 },
    },
    { what: "`pulumi up` without changes", unit: "s", values: unchanged, goal: {} },
    { what: "changes of resources in an `up` without changes", unit: "", values: [changes.steps], goal: { most: 0 } },
    {
      what: "calls that build, push or write in an `up` without changes",
      unit: "",
      values: [changes.writes],
      goal: { most: 0 },
    },
  ];
}

/**
 * What an `up` changes that finds nothing to do: steps of the engine, and calls of plugins that may write. A build and a push
 * are such a call of the docker-build plugin.
 */
async function providerChanges({ stack }: BenchSystem): Promise<{ steps: number; writes: number }> {
  const folder = await fs.mkdtemp(path.join(os.tmpdir(), "student-helper-bench-"));
  const log = path.join(folder, "calls.json");
  const { envVars } = stack.workspace;
  let steps = 0;
  const onEvent = ({ resourcePreEvent }: EngineEvent): void => {
    if (resourcePreEvent && resourcePreEvent.metadata.op !== "same") steps += 1;
  };
  stack.workspace.envVars = { ...envVars, PULUMI_DEBUG_GRPC: log };
  try {
    await stack.up({ onEvent });
    const calls = await fs.readFile(log, "utf8");
    const reads = calls.match(/"\/pulumirpc\.ResourceProvider\/Diff"/g)?.length ?? 0;
    if (reads === 0) throw new Error(`no call of a plugin is in ${log}: nothing could be counted`);
    return { steps, writes: calls.match(/"\/pulumirpc\.ResourceProvider\/(Create|Update|Delete)"/g)?.length ?? 0 };
  } finally {
    stack.workspace.envVars = envVars;
    await fs.rm(folder, { recursive: true, force: true });
  }
}
