import type { Context, RootHookObject } from "mocha";
import { closeTarget, openTarget } from "./target";

process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = "true";

/** One system for all suites: opened before the first, taken down after the last. */
export const aroundAllSuites = (open: () => Promise<unknown>): RootHookObject => ({
  async beforeAll(this: Context): Promise<void> {
    // A bare machine builds its toolchain first.
    this.timeout("40m");
    await open();
  },
  async afterAll(this: Context): Promise<void> {
    this.timeout("2m");
    await closeTarget();
  },
});

/** A system with a running stack. */
export const mochaHooks = aroundAllSuites(openTarget);
