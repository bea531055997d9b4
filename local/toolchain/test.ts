import * as path from "path";
import { probe } from "../commands";
import { StepError } from "../errors";
import { instanceFolder } from "../folders";
import { main } from "../main";
import { ensureGo, goModule, goSettings } from "./go";
import { ensureEmulatorPython } from "./python";
import { findTerraformProviderAws, terraformProviderVariable } from "./terraform-provider";

const help = "npm run test:toolchain: runs the Go tests of the toolchain's own programs.";

const modules = ["aws", "lambda-runtime-interface-emulator"];

main(help, async () => {
  const log = path.join(instanceFolder("e2e"), "logs", "pip.log");
  const go = await ensureGo(() => ensureEmulatorPython(log), log);
  const provider = await findTerraformProviderAws();
  const total = { passed: 0, failed: 0 };
  for (const module of modules) {
    const { exitCode, all } = await probe(go, ["test", "-v", "-count=1", "./..."], {
      cwd: goModule(module),
      env: { ...goSettings, [terraformProviderVariable]: provider },
    });
    process.stdout.write(all);
    const passed = [...all.matchAll(/^--- PASS/gm)].length;
    const failed = [...all.matchAll(/^--- FAIL/gm)].length;
    total.passed += passed;
    // A module that does not compile, or has no tests, has failed, too.
    total.failed += failed > 0 ? failed : exitCode !== 0 || passed === 0 ? 1 : 0;
  }
  process.stdout.write(`${total.passed} passed, ${total.failed} failed\n`);
  if (total.failed > 0) throw new StepError("tests of the toolchain failed.", "read what `go test` printed above.");
});
