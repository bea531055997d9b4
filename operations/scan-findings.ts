/** What ECR's scans have found in images. */
import { setTimeout as delay } from "node:timers/promises";
import {
  DescribeImageScanFindingsCommand,
  type DescribeImageScanFindingsResponse,
  type ECRClient,
} from "@aws-sdk/client-ecr";
import { StepError } from "../local/errors";
import type { Image } from "./images";
import type { ScanException } from "./scan-exceptions";
import { table } from "./table";

/** A vulnerability of a package in an image. */
export interface Finding {
  readonly id: string;
  readonly severity: string;
  readonly package: string;
  readonly version: string;
  /** The version that mends it, where one is known. */
  readonly fixedIn?: string;
}

/** ECR's severities, worst first. */
export const severities = ["CRITICAL", "HIGH", "MEDIUM", "LOW", "INFORMATIONAL", "UNDEFINED"] as const;

/** Those that keep an image from prod. */
const refused: readonly string[] = ["CRITICAL", "HIGH"];

/** How long a scan may take, and how often it is asked for. */
export interface Patience {
  readonly seconds: number;
  readonly pollSeconds: number;
}

/**
 * What the scan of an image has found; waits until it has ended.
 *
 * @throws StepError when there was no scan, or it has failed or takes too long
 */
export async function findingsOf(ecr: ECRClient, image: Image, patience: Patience): Promise<Finding[]> {
  const deadline = performance.now() + patience.seconds * 1000;
  for (;;) {
    const pages = await describe(ecr, image);
    const { status = "none", description = "" } = pages[0]?.imageScanStatus ?? {};
    if (["COMPLETE", "ACTIVE"].includes(status)) return pages.flatMap(findingsIn);
    if (!["IN_PROGRESS", "PENDING"].includes(status)) {
      throw new StepError(`its scan ended with ${status} ${description}`.trimEnd() + ".", scanAgain(image));
    }
    if (performance.now() > deadline) {
      throw new StepError(`its scan still runs after ${patience.seconds} s.`, "run the command again later.");
    }
    await delay(patience.pollSeconds * 1000);
  }
}

async function describe(ecr: ECRClient, image: Image): Promise<DescribeImageScanFindingsResponse[]> {
  const pages: DescribeImageScanFindingsResponse[] = [];
  const imageId = { imageDigest: image.digest };
  try {
    do {
      const nextToken = pages.at(-1)?.nextToken;
      pages.push(
        await ecr.send(new DescribeImageScanFindingsCommand({ repositoryName: image.repository, imageId, nextToken })),
      );
    } while (pages.at(-1)?.nextToken !== undefined);
  } catch (error) {
    if (!(error instanceof Error) || error.name !== "ScanNotFoundException") throw error;
    throw new StepError("it was never scanned.", scanAgain(image));
  }
  return pages;
}

const scanAgain = ({ repository, digest }: Image): string =>
  `scan it: aws ecr start-image-scan --repository-name ${repository} --image-id imageDigest=${digest}`;

/**
 * The findings of one page: of basic scans, and of enhanced ones by Amazon Inspector
 * (https://docs.aws.amazon.com/AmazonECR/latest/APIReference/API_ImageScanFindings.html).
 */
function findingsIn({ imageScanFindings }: DescribeImageScanFindingsResponse): Finding[] {
  const basic = (imageScanFindings?.findings ?? []).map(({ name = "", severity = "UNDEFINED", attributes = [] }) => {
    const attribute = (key: string): string | undefined => attributes.find((entry) => entry.key === key)?.value;
    return {
      id: name,
      severity,
      package: attribute("package_name") ?? "?",
      version: attribute("package_version") ?? "?",
      fixedIn: attribute("fixed_in_version"),
    };
  });
  const enhanced = (imageScanFindings?.enhancedFindings ?? [])
    .filter(({ status = "ACTIVE" }) => status === "ACTIVE")
    .flatMap(({ title = "", severity = "UNDEFINED", packageVulnerabilityDetails: details }) =>
      (details?.vulnerablePackages ?? []).map(({ name = "?", version = "?", fixedInVersion }) => ({
        id: details?.vulnerabilityId ?? title,
        severity,
        package: name,
        version,
        // Inspector says so where there is none.
        fixedIn: fixedInVersion === "NotAvailable" ? undefined : fixedInVersion,
      })),
    );
  return [...basic, ...enhanced];
}

/** An image with what was found in it. */
export interface ScannedImage extends Image {
  readonly findings: readonly Finding[];
}

/** How many findings of each severity each image has, as a table. */
export function severityTable(images: readonly ScannedImage[]): string {
  const rows = images.map(({ repository, findings }) => [
    repository,
    ...severities.map((severity) => `${findings.filter((finding) => finding.severity === severity).length}`),
  ]);
  return table([["image", ...severities], ...rows], true);
}

/**
 * The findings that keep images from prod, a line each.
 *
 * @param today as an ISO date: an exception holds on its last day, and not after it
 */
export function refusedFindings(
  images: readonly ScannedImage[],
  exceptions: readonly ScanException[],
  today: string,
): string[] {
  const isExcepted = (finding: Finding): boolean =>
    exceptions.some(({ id, package: name, until }) => id === finding.id && name === finding.package && today <= until);
  return images.flatMap(({ repository, findings }) =>
    findings
      .filter((finding) => refused.includes(finding.severity) && !isExcepted(finding))
      .map(
        ({ severity, id, package: name, version, fixedIn }) =>
          `${severity} ${id} in ${repository}: ${name} ${version}, ${fixedIn ? `fixed in ${fixedIn}` : "no fix is known"}`,
      ),
  );
}
