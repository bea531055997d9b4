/** Every control. */
import * as apiGateway from "./apiGateway";
import * as cloudWatch from "./cloudWatch";
import * as cognito from "./cognito";
import type { Control } from "./control";
import * as dynamodb from "./dynamodb";
import * as ecr from "./ecr";
import * as iam from "./iam";
import * as lambda from "./lambda";
import * as rds from "./rds";
import * as s3 from "./s3";
import * as sqs from "./sqs";
import * as ssm from "./ssm";
import * as tags from "./tags";
import * as vpc from "./vpc";

const services = [apiGateway, cloudWatch, cognito, dynamodb, ecr, iam, lambda, rds, s3, sqs, ssm, tags, vpc];

export const controls: readonly Control[] = services.flatMap((service) => Object.values<Control>(service));
