import * as aws from "@pulumi/aws";
import {
  type Found,
  onEach,
  onEachInStack,
  type Report,
  type ResourceControl,
  type StackControl,
  type Stack,
} from "./control";
import { covers, type Statement, statementsOf } from "./documents";

const url = "https://docs.aws.amazon.com/securityhub/latest/userguide/s3-controls.html";

interface PublicAccess {
  readonly blockPublicAcls?: boolean;
  readonly blockPublicPolicy?: boolean;
  readonly ignorePublicAcls?: boolean;
  readonly restrictPublicBuckets?: boolean;
}

function blocksAll(access: PublicAccess): boolean {
  return [
    access.blockPublicAcls,
    access.blockPublicPolicy,
    access.ignorePublicAcls,
    access.restrictPublicBuckets,
  ].every((isOn) => isOn === true);
}

export const accountBlocksPublicAccess: StackControl = {
  id: "S3.1",
  description: "The account blocks public access to all of its buckets.",
  remediation: "Make an aws.s3.AccountPublicAccessBlock with all four settings.",
  url: `${url}#s3-1`,
  checkStack: onEachInStack(aws.s3.Bucket, (_, report, stack) => {
    if (!stack.all(aws.s3.AccountPublicAccessBlock).some(({ props }) => blocksAll(props))) {
      report("The stack does not block public access for its account.");
    }
  }),
};

/** What a bucket's policy lets everyone do. */
function publicActions(document: unknown): string[] {
  return statementsOf(document)
    .filter(({ allows, principals, condition }) => allows && principals.includes("*") && condition === undefined)
    .flatMap(({ actions }) => actions);
}

function publicAcl(acls: readonly string[]): (props: { readonly acl?: string }, report: Report) => void {
  return ({ acl = "private" }, report) => {
    if (acls.includes(acl)) report(`The access control list is ${acl}.`);
  };
}

function publicPolicy(examples: readonly string[]): (props: { readonly policy: unknown }, report: Report) => void {
  return ({ policy }, report) => {
    for (const action of publicActions(policy)) {
      if (examples.some((example) => covers(action, example))) report(`Everyone may ${action}.`);
    }
  };
}

const readAcls = ["public-read", "public-read-write", "authenticated-read"];

export const noPublicRead: ResourceControl = {
  id: "S3.2",
  description: "Nobody reads a bucket without being named.",
  remediation: "Take the public access control list or statement away.",
  url: `${url}#s3-2`,
  checks: [
    onEach(aws.s3.Bucket, publicAcl(readAcls)),
    onEach(aws.s3.BucketAcl, publicAcl(readAcls)),
    onEach(aws.s3.BucketPolicy, publicPolicy(["s3:GetObject", "s3:GetObjectVersion", "s3:ListBucket"])),
  ],
};

export const noPublicWrite: ResourceControl = {
  id: "S3.3",
  description: "Nobody writes to a bucket without being named.",
  remediation: "Take the public access control list or statement away.",
  url: `${url}#s3-3`,
  checks: [
    onEach(aws.s3.Bucket, publicAcl(["public-read-write"])),
    onEach(aws.s3.BucketAcl, publicAcl(["public-read-write"])),
    onEach(aws.s3.BucketPolicy, publicPolicy(["s3:PutObject", "s3:PutObjectAcl", "s3:DeleteObject"])),
  ],
};

export const tlsOnly: StackControl = {
  id: "S3.5",
  description: "A bucket refuses requests without TLS.",
  remediation: "Deny s3:* to everyone where aws:SecureTransport is false, for the bucket and its objects.",
  url: `${url}#s3-5`,
  checkStack: onEachInStack(aws.s3.Bucket, (bucket, report, stack) => {
    const policies = stack.referring(aws.s3.BucketPolicy, "bucket", bucket);
    if (!policies.some(({ props }) => statementsOf(props.policy).some(refusesPlainHttp))) {
      report("The bucket answers requests without TLS.");
    }
  }),
};

function refusesPlainHttp({ allows, principals, actions, condition }: Statement): boolean {
  return (
    !allows &&
    principals.includes("*") &&
    actions.some((action) => ["*", "s3:*"].includes(action)) &&
    String(condition?.["Bool"]?.["aws:SecureTransport"]) === "false"
  );
}

/** What no other account may do, as Security Hub has it. */
const ownersActions = [
  "s3:DeleteBucketPolicy",
  "s3:PutBucketAcl",
  "s3:PutBucketPolicy",
  "s3:PutEncryptionConfiguration",
  "s3:PutObjectAcl",
];

export const ownersOnly: ResourceControl = {
  id: "S3.6",
  // Which account is one's own, a policy is not told: whoever is of this account has IAM.
  description: "A bucket's policy lets no account change who may use the bucket.",
  remediation: "Take the action out of the bucket's policy; roles of the account have it by IAM.",
  url: `${url}#s3-6`,
  checks: [
    onEach(aws.s3.BucketPolicy, ({ policy }, report) => {
      for (const { allows, principals, actions, sid } of statementsOf(policy)) {
        if (!allows || principals.length === 0) continue;
        for (const action of actions) {
          if (ownersActions.some((one) => covers(action, one))) report(`${principals.join(", ")} may ${action}.`, sid);
        }
      }
    }),
  ],
};

/** A control that a bucket keeps by having another resource that refers to it. */
function bucketHas(
  about: Omit<StackControl, "checkStack">,
  has: (bucket: Found<unknown>, stack: Stack) => boolean,
  problem: string,
): StackControl {
  return {
    ...about,
    checkStack: onEachInStack(aws.s3.Bucket, (bucket, report, stack) => {
      if (!has(bucket, stack)) report(problem);
    }),
  };
}

export const blocksPublicAccess: StackControl = bucketHas(
  {
    id: "S3.8",
    description: "A bucket blocks public access.",
    remediation: "Make an aws.s3.BucketPublicAccessBlock with all four settings.",
    url: `${url}#s3-8`,
  },
  (bucket, stack) =>
    stack.referring(aws.s3.BucketPublicAccessBlock, "bucket", bucket).some(({ props }) => blocksAll(props)),
  "The bucket could be made public.",
);

export const accessLog: StackControl = bucketHas(
  {
    id: "S3.9",
    description: "A bucket has an access log.",
    remediation: "Make an aws.s3.BucketLogging for it.",
    url: `${url}#s3-9`,
  },
  (bucket, stack) => stack.referring(aws.s3.BucketLogging, "bucket", bucket).length > 0,
  "Nobody can tell who used the bucket.",
);

export const noAccessControlLists: StackControl = bucketHas(
  {
    id: "S3.12",
    description: "A bucket has no access control lists.",
    remediation: 'Make an aws.s3.BucketOwnershipControls with objectOwnership "BucketOwnerEnforced".',
    url: `${url}#s3-12`,
  },
  (bucket, stack) =>
    stack
      .referring(aws.s3.BucketOwnershipControls, "bucket", bucket)
      .some(({ props }) => props.rule.objectOwnership === "BucketOwnerEnforced"),
  "Access control lists can open single objects.",
);

export const lifecycle: StackControl = bucketHas(
  {
    id: "S3.13",
    description: "A bucket has lifecycle rules.",
    remediation: "Make an aws.s3.BucketLifecycleConfiguration with an enabled rule.",
    url: `${url}#s3-13`,
  },
  (bucket, stack) =>
    stack
      .referring(aws.s3.BucketLifecycleConfiguration, "bucket", bucket)
      .some(({ props }) => props.rules?.some(({ status }) => status === "Enabled")),
  "What was deleted is kept, and paid for, forever.",
);
