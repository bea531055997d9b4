import { expectations, triesBlocks } from "./support/runbook";

/** The block that waits for the database the longest, in a group that has the time. */
describe("the runbook's way to a larger database", function () {
  this.timeout("15m");

  triesBlocks(expectations.filter(({ tellsOwnStory }) => tellsOwnStory));
});
