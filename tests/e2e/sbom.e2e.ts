import * as assert from "assert/strict";
import * as fs from "fs/promises";
import * as path from "path";
import { ECRClient } from "@aws-sdk/client-ecr";
import { checkout } from "../../local/folders";
import { useTemporaryFolder } from "../../local/testing/temporary-folder";
import { sbomProgram, writeSbom } from "../../operations/image-sbom";
import { theTarget } from "./support/target";

interface Sbom {
  readonly bomFormat: string;
  readonly metadata: { readonly component: { readonly version: string } };
  readonly components: readonly { readonly name: string; readonly version?: string; readonly purl?: string }[];
}

describe("an image's SBOM", () => {
  let program = "";
  before("Syft", async function () {
    // A bare machine builds it first: last, as other suites fail where compilers leave them no processor.
    this.timeout("20m");
    program = await sbomProgram();
  });
  const folder = useTemporaryFolder();

  it("has every Python package of the lock file in its version, and those of the operating system", async () => {
    const { images, aws } = theTarget();
    const uri = images.embedder!;
    const file = path.join(folder(), "sbom", "embedder.cdx.json");

    await writeSbom(program, new ECRClient(aws), uri, file);

    const sbom = JSON.parse(await fs.readFile(file, "utf8")) as Sbom;
    const locks = ["_shared", "embedder"].map((name) => path.join(checkout, "images", name, "requirements.txt"));
    const lock = (await Promise.all(locks.map((name) => fs.readFile(name, "utf8")))).join("");
    // Those with a condition are for other platforms.
    const locked = [...lock.matchAll(/^([\w.-]+)==(\S+) \\$/gm)].map(
      ([, name, version]) => `pkg:pypi/${name}@${version}`,
    );
    assert.equal(sbom.bomFormat, "CycloneDX");
    assert.equal(sbom.metadata.component.version, uri.split("@")[1]);
    const packages = sbom.components.flatMap(({ purl = "" }) => purl.split("?")[0]!);
    assert.ok(["boto3", "voyageai"].every((name) => locked.some((purl) => purl.startsWith(`pkg:pypi/${name}@`))));
    assert.deepEqual(
      locked.filter((purl) => !packages.includes(purl)),
      [],
    );
    assert.ok(packages.some((purl) => /^pkg:(deb|rpm)\//.test(purl)));
  });
});
