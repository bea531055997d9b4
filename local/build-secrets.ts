import * as fs from "fs/promises";
import * as path from "path";
import { probe } from "./commands";

/** BuildKit secrets that image builds may use to reach package registries, by id, as files. */
export type BuildSecrets = Readonly<Record<string, string>>;

const systemBundles = [
  "/etc/ssl/certs/ca-certificates.crt", // Debian, Ubuntu, Alpine
  "/etc/pki/tls/certs/ca-bundle.crt", // Fedora, Amazon Linux
  "/etc/ssl/cert.pem", // macOS
];

/**
 * The file of the machine's certificate authorities, for the base image: as a secret of each image, its 200 KB would be
 * 80 % of what Pulumi writes at each step.
 */
export async function certificateAuthorities(): Promise<string | undefined> {
  const { PIP_CERT, REQUESTS_CA_BUNDLE, SSL_CERT_FILE } = process.env;
  return firstFile([PIP_CERT, REQUESTS_CA_BUNDLE, SSL_CERT_FILE, ...systemBundles]);
}

/**
 * What a download inside `docker build` needs on this machine: the index that the user's pip is set to, and how the
 * machine's apt reaches its mirror.
 *
 * @param folder where the files for pip and apt are written.
 * @param python an interpreter that has pip: the machine's own need not.
 */
export async function buildSecrets(folder: string, python: string): Promise<BuildSecrets> {
  const pipFile = path.join(folder, "pip.conf");
  const { PIP_INDEX_URL } = process.env;
  const index = PIP_INDEX_URL ?? (await pipSetting(python, "global.index-url"));
  const lines = [
    "[global]",
    // Of the base image: with the machine's certificate authorities, if it has some.
    "cert = /etc/ssl/certs/ca-certificates.crt",
    ...(index ? [`index-url = ${index}`] : []),
  ];
  await fs.mkdir(folder, { recursive: true });
  await fs.writeFile(pipFile, `${lines.join("\n")}\n`, { mode: 0o600 });
  const aptFile = path.join(folder, "apt.conf");
  await fs.writeFile(aptFile, `${(await aptSettings()).join("\n")}\n`, { mode: 0o600 });
  return { pip_conf: pipFile, apt_conf: aptFile };
}

/** What the machine's apt is set to for downloads: a proxy, and whether the mirror may be an old snapshot. */
async function aptSettings(): Promise<string[]> {
  const { stdout, exitCode } = await probe("apt-config", ["dump"]);
  return exitCode === 0 ? stdout.split("\n").filter((line) => /^Acquire::(?:http::|Check-)/.test(line)) : [];
}

async function pipSetting(python: string, name: string): Promise<string | undefined> {
  const { stdout, exitCode } = await probe(python, ["-m", "pip", "config", "get", name]);
  return exitCode === 0 ? stdout.trim() : undefined;
}

async function firstFile(candidates: readonly (string | undefined)[]): Promise<string | undefined> {
  for (const candidate of candidates) {
    if (candidate && (await fs.stat(candidate).catch(() => undefined))?.isFile()) return candidate;
  }
  return undefined;
}
