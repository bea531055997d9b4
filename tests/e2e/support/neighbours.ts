import { randomUUID } from "crypto";
import { CloudWatchLogsClient, CreateLogStreamCommand, DeleteLogStreamCommand } from "@aws-sdk/client-cloudwatch-logs";
import { CreateRepositoryCommand, DeleteRepositoryCommand, ECRClient } from "@aws-sdk/client-ecr";
import { CreateKeyCommand, EncryptCommand, KMSClient, ScheduleKeyDeletionCommand } from "@aws-sdk/client-kms";
import { CreateSecretCommand, DeleteSecretCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { CreateTopicCommand, DeleteTopicCommand, SNSClient } from "@aws-sdk/client-sns";
import { DeleteParameterCommand, PutParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { createOpenRole, deleteRole } from "./iam";
import { theTarget } from "./target";

/** What belongs to another stack, and the places of this one where a test may leave something. */
export interface Neighbours {
  readonly secret: string;
  readonly parameter: string;
  readonly topic: string;
  readonly repository: string;
  readonly key: string;
  /** Something that the key has encrypted. */
  readonly ciphertext: Uint8Array;
  /** A role that every role may take on that is allowed to take on roles. */
  readonly role: { readonly name: string; readonly arn: string };
  /** A stream in the log group of each function of this stack. */
  readonly logStream: string;
}

const name = "student-helper-neighbour";
const parameter = "/student-helper/neighbour/test";

export const logGroupOf = (functionKey: string): string => `/aws/lambda/${theTarget().functions[functionKey]!.name}`;

export async function makeNeighbours(): Promise<Neighbours> {
  const { aws, functions } = theTarget();
  const secret = await new SecretsManagerClient(aws).send(
    new CreateSecretCommand({ Name: name, SecretString: "text" }),
  );
  await new SSMClient(aws).send(new PutParameterCommand({ Name: parameter, Value: "text", Type: "String" }));
  const topic = await new SNSClient(aws).send(new CreateTopicCommand({ Name: name }));
  await new ECRClient(aws).send(new CreateRepositoryCommand({ repositoryName: name }));
  const kms = new KMSClient(aws);
  const key = (await kms.send(new CreateKeyCommand({}))).KeyMetadata!.KeyId!;
  const encrypted = await kms.send(new EncryptCommand({ KeyId: key, Plaintext: Buffer.from("text") }));
  const logStream = `test-${randomUUID()}`;
  for (const functionKey of Object.keys(functions)) {
    const place = { logGroupName: logGroupOf(functionKey), logStreamName: logStream };
    await new CloudWatchLogsClient(aws).send(new CreateLogStreamCommand(place));
  }
  return {
    secret: secret.ARN!,
    parameter,
    topic: topic.TopicArn!,
    repository: name,
    key,
    ciphertext: encrypted.CiphertextBlob!,
    role: { name, arn: await createOpenRole(name, {}) },
    logStream,
  };
}

export async function removeNeighbours({ secret, topic, repository, key, role, logStream }: Neighbours): Promise<void> {
  const { aws, functions } = theTarget();
  await new SecretsManagerClient(aws).send(
    new DeleteSecretCommand({ SecretId: secret, ForceDeleteWithoutRecovery: true }),
  );
  await new SSMClient(aws).send(new DeleteParameterCommand({ Name: parameter }));
  await new SNSClient(aws).send(new DeleteTopicCommand({ TopicArn: topic }));
  await new ECRClient(aws).send(new DeleteRepositoryCommand({ repositoryName: repository, force: true }));
  await new KMSClient(aws).send(new ScheduleKeyDeletionCommand({ KeyId: key, PendingWindowInDays: 7 }));
  await deleteRole(role.name);
  for (const functionKey of Object.keys(functions)) {
    const place = { logGroupName: logGroupOf(functionKey), logStreamName: logStream };
    await new CloudWatchLogsClient(aws).send(new DeleteLogStreamCommand(place));
  }
}
