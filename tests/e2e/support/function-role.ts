import { run } from "../../../local/commands";
import { theTarget } from "./target";

/** Temporary credentials of a function's role. */
export interface RoleCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken: string;
}

/** The credentials that the platform gave to a running container of a function: its role's, with all their limits. */
export async function roleCredentials(functionKey: string): Promise<RoleCredentials> {
  const name = theTarget().functions[functionKey]!.name;
  const next = "look at the function's container: `docker ps --filter label=ministack=lambda`.";
  const listed = await run("docker", ["ps", "--quiet", "--filter", "label=ministack=lambda"], { next });
  for (const id of listed.split("\n").filter((line) => line !== "")) {
    const text = await run("docker", ["inspect", "--format", "{{json .Config.Env}}", id], { next });
    const env = Object.fromEntries(
      (JSON.parse(text) as string[]).map((line) => [
        line.slice(0, line.indexOf("=")),
        line.slice(line.indexOf("=") + 1),
      ]),
    );
    if (env.AWS_LAMBDA_FUNCTION_NAME !== name) continue;
    return {
      accessKeyId: env.AWS_ACCESS_KEY_ID!,
      secretAccessKey: env.AWS_SECRET_ACCESS_KEY!,
      sessionToken: env.AWS_SESSION_TOKEN!,
    };
  }
  throw new Error(`no container of ${name} runs`);
}
