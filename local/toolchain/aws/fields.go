package main

import (
	"strings"

	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge/info"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
)

// fields describes properties by their Terraform names.
type fields = map[string]*info.Schema

// resourceFields describes the properties, by resource type, whose name or shape in @pulumi/aws the bridge does not
// arrive at by its own rules: it gives lists a plural name and everything else a singular one.
var resourceFields = map[string]fields{
	"aws_cloudwatch_log_subscription_filter": {"log_group_name": named("logGroup")},
	"aws_cloudwatch_metric_alarm":            {"alarm_name": info.AutoName("name", 255, "-")},
	"aws_cognito_user_pool_client": {
		"analytics_configuration": single(),
		"refresh_token_rotation":  single(),
		"token_validity_units":    single(),
	},
	"aws_db_instance":            {"identifier": tfbridge.AutoNameTransform("identifier", 63, strings.ToLower)},
	"aws_default_network_acl":    {"egress": named("egress"), "ingress": named("ingress")},
	"aws_default_security_group": {"egress": named("egress"), "ingress": named("ingress")},
	"aws_dynamodb_table": {
		"global_secondary_index": named("globalSecondaryIndexes"),
		"local_secondary_index":  named("localSecondaryIndexes"),
	},
	"aws_lambda_event_source_mapping": {"queues": single()},
	"aws_lambda_function":             {"function_name": info.AutoName("name", 64, "-")},
	"aws_lambda_permission":           {"function_name": named("function")},
	"aws_network_acl":                 {"egress": named("egress"), "ingress": named("ingress")},
	"aws_rds_cluster":                 {"cluster_identifier": tfbridge.AutoNameTransform("clusterIdentifier", 63, strings.ToLower)},
	"aws_s3_bucket":                   {"bucket": tfbridge.AutoNameTransform("bucket", 63, strings.ToLower)},
	"aws_s3_bucket_lifecycle_configuration": {"rule": listOf(fields{
		"abort_incomplete_multipart_upload": single(),
		"expiration":                        single(),
		"filter":                            singleWith(fields{"and": single(), "tag": single()}),
		"noncurrent_version_expiration":     single(),
	})},
	"aws_s3_bucket_website_configuration": {
		"routing_rule":  named("routingRules"),
		"routing_rules": named("routingRuleDetails"),
	},
	"aws_security_group":         {"egress": named("egress"), "ingress": named("ingress")},
	"aws_sns_topic_subscription": {"topic_arn": named("topic")},
}

// functionFields is the same for data sources.
var functionFields = map[string]fields{
	"aws_ecr_lifecycle_policy_document": {"rule": listOf(fields{"action": single(), "selection": single()})},
	// Terraform's AWS provider 5 calls a region's name "name", 6 and @pulumi/aws 7 call it "region".
	"aws_region": {"name": named("region")},
}

// providerFields is the same for the provider's configuration.
var providerFields = fields{
	"assume_role_with_web_identity": single(),
	"default_tags":                  single(),
	"ignore_tags":                   single(),
}

// policyDocuments lists the properties, by resource type, that @pulumi/aws takes as an object or as JSON text.
var policyDocuments = map[string]resource.PropertyKey{
	"aws_cloudwatch_log_resource_policy": "policyDocument",
	"aws_ecr_lifecycle_policy":           "policy",
	"aws_ecr_registry_policy":            "policy",
	"aws_ecr_repository_policy":          "policy",
	"aws_iam_group_policy":               "policy",
	"aws_iam_policy":                     "policy",
	"aws_iam_role":                       "assumeRolePolicy",
	"aws_iam_role_policy":                "policy",
	"aws_iam_user_policy":                "policy",
	"aws_s3_bucket_policy":               "policy",
	"aws_sns_topic_policy":               "policy",
	"aws_sqs_queue_policy":               "policy",
}

// named gives a property its name.
func named(name string) *info.Schema { return &info.Schema{Name: name} }

// single turns a list of at most one element into the element.
func single() *info.Schema {
	atMostOne := true
	return &info.Schema{MaxItemsOne: &atMostOne}
}

// singleWith is single for a list whose element's properties need a description, too.
func singleWith(element fields) *info.Schema {
	schema := single()
	schema.Elem = &info.Schema{Fields: element}
	return schema
}

// listOf describes the properties of a list's elements.
func listOf(element fields) *info.Schema {
	return &info.Schema{Elem: &info.Schema{Fields: element}}
}
