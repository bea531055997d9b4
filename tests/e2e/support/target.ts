import * as fs from "fs/promises";
import type { Stack } from "@pulumi/pulumi/automation";
import { rootCredentials } from "../../../local/emulator";
import { instanceFolder } from "../../../local/folders";
import { applyStack, prepareSystem, stopSystem } from "../../../local/system";
import { copyCheckout } from "./checkout-copy";

/** The stack under test, as its outputs describe it. */
export interface Target {
  readonly apiBaseUrl: string;
  readonly userPoolId: string;
  readonly clientId: string;
  readonly uploadBucket: string;
  readonly alarmTopicArn: string;
  readonly functions: Readonly<Record<string, DeployedFunction>>;
  /** By name: `<repository>@sha256:<digest>`. */
  readonly images: Readonly<Record<string, string>>;
  /** How AWS clients reach the stack's account as its administrator. */
  readonly aws: AwsSettings;
}

export interface DeployedFunction {
  readonly name: string;
  readonly aliasArn: string;
  readonly version: string;
}

export interface AwsSettings {
  readonly region: string;
  readonly endpoint?: string;
  readonly credentials?: {
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    readonly sessionToken?: string;
  };
}

/** What only the tests' own local system has: the stack itself, and a checkout that a test may edit. */
export interface LocalTarget {
  readonly stack: Stack;
  readonly checkout: string;
}

/** The folder of this run's own local system; runs beside it (tests/e2e/all.ts) have others. */
export const instance = instanceFolder(process.env.TEST_SYSTEM ?? "e2e");

let target: Target | undefined;
let localTarget: LocalTarget | undefined;

/**
 * Opens the stack that STACK_OUTPUTS names (a file made by `pulumi stack output --json`), with the caller's AWS
 * credentials; without it, a local system of the tests' own, made from a copy of this checkout.
 */
export async function openTarget(): Promise<void> {
  const { STACK_OUTPUTS } = process.env;
  if (STACK_OUTPUTS) {
    target = describe(JSON.parse(await fs.readFile(STACK_OUTPUTS, "utf8")) as Record<string, unknown>);
    return;
  }
  const { stack } = await openEmptyTarget();
  target = describe(await applyStack(instance, stack));
}

/** Opens a local system of the tests' own, made from a copy of this checkout, whose stack is still to be made. */
export async function openEmptyTarget(): Promise<LocalTarget> {
  await stopSystem(instance);
  const checkout = await copyCheckout(instance);
  localTarget = { stack: await prepareSystem(instance, checkout), checkout };
  return localTarget;
}

export async function closeTarget(): Promise<void> {
  if (localTarget) await stopSystem(instance);
}

/** Does what `npm start` does, after something has ended or was changed, and goes on with that stack. */
export async function startAgain(): Promise<Stack> {
  const { checkout } = theLocalTarget();
  const stack = await prepareSystem(instance, checkout);
  target = describe(await applyStack(instance, stack));
  localTarget = { checkout, stack };
  return stack;
}

export function theTarget(): Target {
  if (!target) throw new Error("no stack is open: run the tests with tests/e2e/application.mocharc.json");
  return target;
}

export function theLocalTarget(): LocalTarget {
  if (!localTarget) throw new Error("this test changes the stack: it runs on the tests' own local system only");
  return localTarget;
}

function describe(outputs: Readonly<Record<string, unknown>>): Target {
  const text = (name: string): string => {
    const value = outputs[name];
    if (typeof value !== "string") throw new Error(`the stack has no output ${name}`);
    return value;
  };
  const endpoint = outputs.AWS_ENDPOINT_URL as string | undefined;
  return {
    apiBaseUrl: text("API_BASE_URL"),
    userPoolId: text("COGNITO_USER_POOL_ID"),
    clientId: text("COGNITO_CLIENT_ID"),
    uploadBucket: text("UPLOAD_BUCKET"),
    alarmTopicArn: text("ALARM_TOPIC_ARN"),
    functions: outputs.functions as Target["functions"],
    images: outputs.images as Target["images"],
    aws: { region: text("AWS_REGION"), ...(endpoint ? { endpoint, credentials: rootCredentials } : {}) },
  };
}
