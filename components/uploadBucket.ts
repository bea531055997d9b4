import * as aws from "@pulumi/aws";
import * as pulumi from "@pulumi/pulumi";
import { z } from "zod";
import type { EventSource } from "./eventQueue";
import { recoveryDays, shortName } from "./internal/limits";
import { physicalName } from "./internal/naming";
import { dataOptions } from "./internal/protection";
import { policyDocument, tlsOnlyStatement } from "./internal/statements";
import { checkArguments } from "./internal/validation";

/** Arguments of {@link UploadBucket}. */
export interface UploadBucketArgs {
  /** Origins of the pages that may use presigned URLs of the bucket, such as `https://app.example.org`. */
  readonly corsOrigins: readonly string[];
  /** Whether requests without TLS are refused; only an emulator that speaks plain HTTP cannot have that. */
  readonly tlsOnly: boolean;
  /** Whether the bucket refuses to be deleted with what it holds. */
  readonly protectData: boolean;
  /**
   * How long an object that was deleted or overwritten can be brought back, in days, 1 to 365; with 0 there are no
   * lifecycle rules, and it can be as long as the bucket exists.
   */
  readonly recoveryDays: number;
}

const rules = z.object({
  name: shortName,
  corsOrigins: z.array(z.string()).min(1, { error: "at least one origin" }),
  recoveryDays,
});

/**
 * The private bucket for uploads and what is made of them. Its events go to EventBridge.
 *
 * Meets Security Hub S3.5 (TLS only), S3.8 (no public access), S3.12 (no ACLs), S3.13 (lifecycle) and S3.14 (versioning)
 * (https://docs.aws.amazon.com/securityhub/latest/userguide/s3-controls.html).
 *
 * @example
 * const uploads = new UploadBucket("uploads", {
 *   corsOrigins: ["https://app.example.org"],
 *   tlsOnly: true,
 *   recoveryDays: 30,
 *   protectData: true,
 * });
 */
export class UploadBucket extends pulumi.ComponentResource {
  /** The bucket's name. */
  readonly bucketName: pulumi.Output<string>;
  /** The bucket's ARN. */
  readonly arn: pulumi.Output<string>;

  /** @throws pulumi.ResourceError that lists all invalid arguments */
  constructor(name: string, args: UploadBucketArgs, opts?: pulumi.ComponentResourceOptions) {
    super("student-helper:storage:UploadBucket", name, {}, opts);
    checkArguments(this, name, rules, { name, ...args });
    const parent = { parent: this };

    // Bucket names are taken or free in all of AWS: the account's id makes this one ours.
    const { accountId } = aws.getCallerIdentityOutput({}, parent);
    const bucket = new aws.s3.Bucket(
      name,
      { bucket: pulumi.interpolate`${physicalName(name)}-${accountId}`, forceDestroy: !args.protectData },
      { ...parent, ...dataOptions(args.protectData) },
    );
    const publicAccess = new aws.s3.BucketPublicAccessBlock(
      name,
      {
        bucket: bucket.bucket,
        blockPublicAcls: true,
        blockPublicPolicy: true,
        ignorePublicAcls: true,
        restrictPublicBuckets: true,
      },
      parent,
    );
    new aws.s3.BucketOwnershipControls(
      name,
      { bucket: bucket.bucket, rule: { objectOwnership: "BucketOwnerEnforced" } },
      parent,
    );
    new aws.s3.BucketServerSideEncryptionConfiguration(
      name,
      { bucket: bucket.bucket, rules: [{ applyServerSideEncryptionByDefault: { sseAlgorithm: "AES256" } }] },
      parent,
    );
    const versioning = new aws.s3.BucketVersioning(
      name,
      { bucket: bucket.bucket, versioningConfiguration: { status: "Enabled" } },
      parent,
    );
    if (args.recoveryDays > 0) {
      new aws.s3.BucketLifecycleConfiguration(
        name,
        { bucket: bucket.bucket, rules: lifecycleRules(args.recoveryDays) },
        // S3 takes rules for old versions only once there can be any.
        { ...parent, dependsOn: versioning },
      );
    }
    if (args.tlsOnly) {
      new aws.s3.BucketPolicy(
        name,
        {
          bucket: bucket.bucket,
          policy: policyDocument([tlsOnlyStatement("s3:*", [bucket.arn, pulumi.interpolate`${bucket.arn}/*`])]),
        },
        // S3 refuses two changes of a bucket's policies at a time.
        { ...parent, dependsOn: publicAccess },
      );
    }
    new aws.s3.BucketCorsConfiguration(
      name,
      {
        bucket: bucket.bucket,
        corsRules: [
          {
            id: "presigned-urls",
            allowedMethods: ["GET", "POST"],
            allowedOrigins: [...args.corsOrigins],
            allowedHeaders: ["*"], // Of a request that the signature has already allowed.
            exposeHeaders: ["ETag"],
            maxAgeSeconds: 3600,
          },
        ],
      },
      parent,
    );
    new aws.s3.BucketNotification(name, { bucket: bucket.bucket, eventbridge: true }, parent);

    this.bucketName = bucket.bucket;
    this.arn = bucket.arn;
    this.registerOutputs({ bucketName: this.bucketName, arn: this.arn });
  }

  /**
   * The event that S3 sends for each object that is complete.
   *
   * @param prefix what the object's key begins with
   */
  objectCreated(prefix: string): EventSource {
    return {
      busName: "default", // AWS's services send nowhere else.
      pattern: {
        source: ["aws.s3"],
        "detail-type": ["Object Created"],
        detail: { bucket: { name: [this.bucketName] }, object: { key: [{ prefix }] } },
      },
    };
  }
}

function lifecycleRules(noncurrentDays: number): aws.types.input.s3.BucketLifecycleConfigurationRule[] {
  const everything = { status: "Enabled", filter: { prefix: "" } };
  return [
    { id: "abort-unfinished-uploads", ...everything, abortIncompleteMultipartUpload: { daysAfterInitiation: 1 } },
    {
      id: "expire-old-versions",
      ...everything,
      noncurrentVersionExpiration: { noncurrentDays },
      expiration: { expiredObjectDeleteMarker: true },
    },
  ];
}
