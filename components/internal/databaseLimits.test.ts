import * as assert from "node:assert/strict";
import { databaseLimits } from "./databaseLimits";

describe("a database's limits", () => {
  const connections = {
    "db.t4g.micro": 84,
    "db.t4g.medium": 422,
    "db.m7g.large": 873,
    "db.r7g.large": 1774,
    "db.r7g.2xlarge": 5000, // RDS gives no more.
    "db.c6gd.xlarge": 873,
    "db.new.large": 84, // Not known: as the smallest.
    "db.t4g.nano": 84,
  };
  for (const [instanceClass, expected] of Object.entries(connections)) {
    it(`allow ${expected} connections to ${instanceClass}`, () => {
      const { maxConnections } = databaseLimits({ instanceClass, storageGigabytes: 20 });

      assert.equal(maxConnections, expected);
    });
  }

  it("have the disk in bytes, as CloudWatch counts", () => {
    const { storageBytes } = databaseLimits({ instanceClass: "db.t4g.micro", storageGigabytes: 20 });

    assert.equal(storageBytes, 21474836480);
  });
});
