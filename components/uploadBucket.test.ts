import * as assert from "node:assert/strict";
import * as pulumi from "@pulumi/pulumi";
import { record, statementsOf, valueOf } from "../tests/support/pulumi-mocks";
import { UploadBucket, type UploadBucketArgs } from "./uploadBucket";

const args: UploadBucketArgs = {
  corsOrigins: ["https://app.example.org"],
  tlsOnly: true,
  recoveryDays: 30,
  protectData: true,
};
const bucketName = "student-helper-test-uploads-123456789012";

describe("UploadBucket", () => {
  it("is private, encrypted and versioned, and nothing else", async () => {
    const { names, inputs } = await record(() => new UploadBucket("uploads", args));

    assert.deepEqual(names, [
      "aws:s3/bucket:Bucket uploads",
      "aws:s3/bucketCorsConfiguration:BucketCorsConfiguration uploads",
      "aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration uploads",
      "aws:s3/bucketNotification:BucketNotification uploads",
      "aws:s3/bucketOwnershipControls:BucketOwnershipControls uploads",
      "aws:s3/bucketPolicy:BucketPolicy uploads",
      "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock uploads",
      "aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration uploads",
      "aws:s3/bucketVersioning:BucketVersioning uploads",
    ]);
    assert.deepEqual(inputs("aws:s3/bucket:Bucket", "uploads"), { bucket: bucketName, forceDestroy: false });
    assert.deepEqual(inputs("aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock", "uploads"), {
      bucket: bucketName,
      blockPublicAcls: true,
      blockPublicPolicy: true,
      ignorePublicAcls: true,
      restrictPublicBuckets: true,
    });
    assert.deepEqual(inputs("aws:s3/bucketOwnershipControls:BucketOwnershipControls", "uploads"), {
      bucket: bucketName,
      rule: { objectOwnership: "BucketOwnerEnforced" },
    });
    assert.deepEqual(
      inputs("aws:s3/bucketServerSideEncryptionConfiguration:BucketServerSideEncryptionConfiguration", "uploads"),
      { bucket: bucketName, rules: [{ applyServerSideEncryptionByDefault: { sseAlgorithm: "AES256" } }] },
    );
    assert.deepEqual(inputs("aws:s3/bucketVersioning:BucketVersioning", "uploads"), {
      bucket: bucketName,
      versioningConfiguration: { status: "Enabled" },
    });
  });

  it("refuses requests without TLS", async () => {
    const { inputs } = await record(() => new UploadBucket("uploads", args));

    const { policy } = inputs("aws:s3/bucketPolicy:BucketPolicy", "uploads");

    assert.deepEqual(statementsOf(policy), [
      {
        Sid: "TlsOnly",
        Effect: "Deny",
        Principal: "*",
        Action: "s3:*",
        Resource: [`arn:aws:s3:::${bucketName}`, `arn:aws:s3:::${bucketName}/*`],
        Condition: { Bool: { "aws:SecureTransport": "false" } },
      },
    ]);
  });

  it("has no such policy where AWS is an emulator without TLS", async () => {
    const { names } = await record(() => new UploadBucket("uploads", { ...args, tlsOnly: false }));

    assert.equal(names.includes("aws:s3/bucketPolicy:BucketPolicy uploads"), false);
  });

  it("forgets unfinished uploads after a day and old versions after the days of recovery", async () => {
    const { inputs } = await record(() => new UploadBucket("uploads", { ...args, recoveryDays: 7 }));

    assert.deepEqual(inputs("aws:s3/bucketLifecycleConfiguration:BucketLifecycleConfiguration", "uploads"), {
      bucket: bucketName,
      rules: [
        {
          id: "abort-unfinished-uploads",
          status: "Enabled",
          filter: { prefix: "" },
          abortIncompleteMultipartUpload: { daysAfterInitiation: 1 },
        },
        {
          id: "expire-old-versions",
          status: "Enabled",
          filter: { prefix: "" },
          noncurrentVersionExpiration: { noncurrentDays: 7 },
          expiration: { expiredObjectDeleteMarker: true },
        },
      ],
    });
  });

  it("keeps old versions as long as it exists with 0 days of recovery", async () => {
    const { names } = await record(() => new UploadBucket("uploads", { ...args, recoveryDays: 0 }));

    assert.deepEqual(
      names.filter((name) => name.includes("Lifecycle")),
      [],
    );
  });

  it("lets browsers use presigned URLs from the stack's own pages and tells EventBridge", async () => {
    const { inputs } = await record(() => new UploadBucket("uploads", args));

    assert.deepEqual(inputs("aws:s3/bucketCorsConfiguration:BucketCorsConfiguration", "uploads"), {
      bucket: bucketName,
      corsRules: [
        {
          id: "presigned-urls",
          allowedMethods: ["GET", "POST"],
          allowedOrigins: ["https://app.example.org"],
          allowedHeaders: ["*"],
          exposeHeaders: ["ETag"],
          maxAgeSeconds: 3600,
        },
      ],
    });
    assert.deepEqual(inputs("aws:s3/bucketNotification:BucketNotification", "uploads"), {
      bucket: bucketName,
      eventbridge: true,
    });
  });

  it("goes with its objects where data is not protected", async () => {
    const { inputs } = await record(() => new UploadBucket("uploads", { ...args, protectData: false }));

    assert.equal(inputs("aws:s3/bucket:Bucket", "uploads").forceDestroy, true);
  });

  it("gives its name and ARN", async () => {
    const { result } = await record(() => new UploadBucket("uploads", args));

    assert.equal(await valueOf(result.bucketName), bucketName);
    assert.equal(await valueOf(result.arn), `arn:aws:s3:::${bucketName}`);
  });

  it("says which events come of its objects", async () => {
    const { result } = await record(() => new UploadBucket("uploads", args));

    const { busName, pattern } = result.objectCreated("uploads/images/");

    assert.equal(busName, "default");
    assert.deepEqual(await valueOf(pulumi.output(pattern)), {
      source: ["aws.s3"],
      "detail-type": ["Object Created"],
      detail: { bucket: { name: [bucketName] }, object: { key: [{ prefix: "uploads/images/" }] } },
    });
  });

  it("lists all invalid arguments in one error", async () => {
    const invalid = { ...args, corsOrigins: [], recoveryDays: 0.5 };

    await assert.rejects(
      record(() => new UploadBucket("Uploads", invalid)),
      {
        message: [
          'UploadBucket "Uploads" has 3 problems; it was not created:',
          "  1. name",
          '     received: "Uploads"',
          "     allowed:  a lower-case letter, then up to 23 of a-z, 0-9 and single hyphens, none at the end",
          '     fix:      correct name where UploadBucket "Uploads" is made',
          "  2. corsOrigins",
          "     received: []",
          "     allowed:  at least one origin",
          '     fix:      correct corsOrigins where UploadBucket "Uploads" is made',
          "  3. recoveryDays",
          "     received: 0.5",
          "     allowed:  an integer from 0 to 365 (days; 0 is as long as the bucket exists)",
          '     fix:      correct recoveryDays where UploadBucket "Uploads" is made',
        ].join("\n"),
      },
    );
  });
});
