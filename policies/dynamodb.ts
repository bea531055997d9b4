import * as aws from "@pulumi/aws";
import { onEach, type ResourceControl } from "./control";

const url = "https://docs.aws.amazon.com/securityhub/latest/userguide/dynamodb-controls.html";

export const pointInTimeRecovery: ResourceControl = {
  id: "DynamoDB.2",
  description: "A table can be brought back to a point in time.",
  remediation: "Set pointInTimeRecovery.enabled.",
  url: `${url}#dynamodb-2`,
  checks: [
    onEach(aws.dynamodb.Table, ({ pointInTimeRecovery: recovery }, report) => {
      if (recovery?.enabled !== true) report("What is lost from the table is lost.");
    }),
  ],
};

export const deletionProtection: ResourceControl = {
  id: "DynamoDB.6",
  description: "A table refuses to be deleted.",
  remediation: "Set deletionProtectionEnabled.",
  url: `${url}#dynamodb-6`,
  checks: [
    onEach(aws.dynamodb.Table, ({ deletionProtectionEnabled }, report) => {
      if (deletionProtectionEnabled !== true) report("The table can be deleted with what it holds.");
    }),
  ],
};

export const encryption: ResourceControl = {
  id: "DynamoDB.Encryption",
  description: "A table is encrypted with a key of KMS, whose use is logged.",
  remediation: "Set serverSideEncryption.enabled.",
  url: "https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/encryption.usagenotes.html",
  checks: [
    onEach(aws.dynamodb.Table, ({ serverSideEncryption }, report) => {
      if (serverSideEncryption?.enabled !== true) report("The table is encrypted with a key of DynamoDB's own.");
    }),
  ],
};
