import type { Context } from "mocha";
import { closeTarget, openEmptyTarget } from "./target";

process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = "true";

/** A system whose stack is still to be made, for suites that make it themselves, or another one beside it. */
export const mochaHooks = {
  async beforeAll(this: Context): Promise<void> {
    // A bare machine builds its toolchain first.
    this.timeout("40m");
    await openEmptyTarget();
  },
  async afterAll(this: Context): Promise<void> {
    this.timeout("2m");
    await closeTarget();
  },
};
