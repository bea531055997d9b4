/** The function that the tests of ContainerFunction make. */
import { ContainerFunction, type ContainerFunctionArgs } from "../../components/containerFunction";
import { ContainerImage } from "../../components/containerImage";
import { EventBus } from "../../components/eventBus";
import { EventQueue } from "../../components/eventQueue";
import { record, type Recording } from "./pulumi-mocks";

export const args: Omit<ContainerFunctionArgs, "image"> = {
  description: "Answers",
  memoryMegabytes: 512,
  timeoutSeconds: 15,
  environment: { STACK: "test" },
  parameters: ["/student-helper/test/storage/bucket"],
  bucketArn: "arn:aws:s3:::bucket",
  objects: { "uploads/": ["read", "write", "delete", "list"] },
  tableArn: "arn:aws:dynamodb:eu-central-1:123456789012:table/checkpoints",
  checkpoints: [],
  network: { subnetIds: ["subnet-a"], securityGroupIds: ["sg-functions"] },
  logLevel: "WARNING",
  logRetentionDays: 30,
};
export const name = "student-helper-test-api";
const digest = `sha256:${"d".repeat(64)}`;
export const imageUri = `123456789012.dkr.ecr.eu-central-1.amazonaws.com/${name}@${digest}`;

export const apiImage = (): ContainerImage =>
  new ContainerImage("api", {
    functions: ["api"],
    context: "/checkout/images",
    build: { baseImages: {}, secrets: {} },
    protectData: true,
  });

export const make = (changes: Partial<ContainerFunctionArgs> = {}): Promise<Recording<ContainerFunction>> =>
  record(() => new ContainerFunction("api", { image: apiImage(), ...args, ...changes }));

export const consumer = (): Promise<Recording<EventQueue>> =>
  record(() => {
    const source = new EventBus("pipeline").events(["ItemAnalyzed"]);
    const queue = new EventQueue("api", { source, consumerTimeoutSeconds: 15, tlsOnly: true });
    const consumes = { queue, maximumConcurrency: 5 };
    new ContainerFunction("api", { image: apiImage(), ...args, parameters: [], objects: {}, consumes });
    return queue;
  });
