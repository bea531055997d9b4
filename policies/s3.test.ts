import * as aws from "@pulumi/aws";
import { type Fixture, key, resource, testControls } from "../tests/support/policies";
import * as s3 from "./s3";

const bucket = resource(aws.s3.Bucket, {});
const ofBucket = { references: { bucket: [key(bucket)] } };
const policy = (...statements: object[]): Fixture =>
  resource(aws.s3.BucketPolicy, { policy: JSON.stringify({ Version: "2012-10-17", Statement: statements }) }, ofBucket);
const allow = (Action: string | string[], more: object = {}): Fixture =>
  policy({ Sid: "Some", Effect: "Allow", Principal: "*", Action, Resource: "arn:aws:s3:::b/*", ...more });
const all = { blockPublicAcls: true, blockPublicPolicy: true, ignorePublicAcls: true, restrictPublicBuckets: true };
const tlsOnly = {
  Effect: "Deny",
  Principal: "*",
  Action: "s3:*",
  Resource: ["arn:aws:s3:::b", "arn:aws:s3:::b/*"],
  Condition: { Bool: { "aws:SecureTransport": "false" } },
};

testControls(s3, {
  accountBlocksPublicAccess: {
    kept: { "all four settings": [bucket, resource(aws.s3.AccountPublicAccessBlock, all)] },
    broken: {
      "three of them": {
        resources: [bucket, resource(aws.s3.AccountPublicAccessBlock, { ...all, blockPublicPolicy: false })],
        problem: "The stack does not block public access for its account.",
      },
      "nothing for the account": {
        resources: [bucket],
        problem: "The stack does not block public access for its account.",
      },
    },
  },
  noPublicRead: {
    kept: {
      "a bucket without a list": [bucket],
      "a policy for a role": [allow("s3:GetObject", { Principal: { AWS: "arn:aws:iam::1:role/r" } })],
      "a policy that denies": [policy(tlsOnly)],
    },
    broken: {
      "a list": {
        resources: [resource(aws.s3.Bucket, { acl: "public-read" })],
        problem: "The access control list is public-read.",
      },
      "a list of its own": {
        resources: [resource(aws.s3.BucketAcl, { acl: "authenticated-read" })],
        problem: "The access control list is authenticated-read.",
      },
      "a policy for everyone": { resources: [allow("s3:Get*")], problem: "Everyone may s3:Get*." },
      "a policy for everyone in AWS": {
        resources: [allow(["s3:ListBucket"], { Principal: { AWS: "*" } })],
        problem: "Everyone may s3:ListBucket.",
      },
      "a policy for all but some": {
        resources: [allow("s3:GetObject", { Principal: undefined, NotPrincipal: { AWS: "1" } })],
        problem: "Everyone may s3:GetObject.",
      },
    },
  },
  noPublicWrite: {
    kept: {
      "a list to read": [resource(aws.s3.Bucket, { acl: "public-read" })],
      "a policy to read": [allow("s3:GetObject")],
    },
    broken: {
      "a list": {
        resources: [resource(aws.s3.BucketAcl, { acl: "public-read-write" })],
        problem: "The access control list is public-read-write.",
      },
      "a policy for everyone": {
        resources: [allow(["s3:GetObject", "s3:PutObject"])],
        problem: "Everyone may s3:PutObject.",
      },
    },
  },
  tlsOnly: {
    kept: { "a policy that refuses": [bucket, policy(tlsOnly)] },
    broken: {
      "no policy": { resources: [bucket], problem: "The bucket answers requests without TLS." },
      "a policy of another bucket": {
        resources: [bucket, { ...policy(tlsOnly), references: {} }],
        problem: "The bucket answers requests without TLS.",
      },
      "a policy that refuses only some": {
        resources: [bucket, policy({ ...tlsOnly, Action: "s3:GetObject" })],
        problem: "The bucket answers requests without TLS.",
      },
    },
  },
  ownersOnly: {
    kept: {
      "another account that reads": [allow("s3:GetObject", { Principal: { AWS: "210987654321" } })],
      "a service": [allow("s3:*", { Principal: { Service: "logging.s3.amazonaws.com" } })],
    },
    broken: {
      "another account that may change the policy": {
        resources: [allow(["s3:GetObject", "s3:PutBucketPolicy"], { Principal: { AWS: "210987654321" } })],
        problem: "210987654321 may s3:PutBucketPolicy.",
      },
      "another account that may do everything": {
        resources: [allow("s3:*", { Principal: { AWS: "210987654321" } })],
        problem: "210987654321 may s3:*.",
      },
    },
  },
  blocksPublicAccess: {
    kept: { "all four settings": [bucket, resource(aws.s3.BucketPublicAccessBlock, all, ofBucket)] },
    broken: {
      "three of them": {
        resources: [
          bucket,
          resource(aws.s3.BucketPublicAccessBlock, { ...all, restrictPublicBuckets: false }, ofBucket),
        ],
        problem: "The bucket could be made public.",
      },
      "those of another bucket": {
        resources: [bucket, resource(aws.s3.BucketPublicAccessBlock, all)],
        problem: "The bucket could be made public.",
      },
    },
  },
  accessLog: {
    kept: { "an access log": [bucket, resource(aws.s3.BucketLogging, {}, ofBucket)] },
    broken: { "no access log": { resources: [bucket], problem: "Nobody can tell who used the bucket." } },
  },
  noAccessControlLists: {
    kept: {
      "lists that are off": [
        bucket,
        resource(aws.s3.BucketOwnershipControls, { rule: { objectOwnership: "BucketOwnerEnforced" } }, ofBucket),
      ],
    },
    broken: {
      "lists that are on": {
        resources: [
          bucket,
          resource(aws.s3.BucketOwnershipControls, { rule: { objectOwnership: "BucketOwnerPreferred" } }, ofBucket),
        ],
        problem: "Access control lists can open single objects.",
      },
    },
  },
  lifecycle: {
    kept: {
      "a rule": [bucket, resource(aws.s3.BucketLifecycleConfiguration, { rules: [{ status: "Enabled" }] }, ofBucket)],
    },
    broken: {
      "a rule that is off": {
        resources: [
          bucket,
          resource(aws.s3.BucketLifecycleConfiguration, { rules: [{ status: "Disabled" }] }, ofBucket),
        ],
        problem: "What was deleted is kept, and paid for, forever.",
      },
      "no rule": { resources: [bucket], problem: "What was deleted is kept, and paid for, forever." },
    },
  },
});
