import type { Context } from "mocha";
import { closeTarget, openTarget } from "./target";

process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = "true";

/** One running stack for all suites: opened before the first, taken down after the last. */
export const mochaHooks = {
  async beforeAll(this: Context): Promise<void> {
    // A bare machine builds its toolchain first.
    this.timeout("40m");
    await openTarget();
  },
  async afterAll(this: Context): Promise<void> {
    this.timeout("2m");
    await closeTarget();
  },
};
