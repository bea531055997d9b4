package main

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/pulumi/pulumi-terraform-bridge/v3/dynamic/internal/shim/run"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/pf/proto"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge"
	shim "github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfshim"
)

// sdk is where the checkout has @pulumi/aws after `npm ci`.
var sdk = filepath.Join("..", "..", "..", "node_modules", "@pulumi", "aws")

// absentFromSDK lists inputs of the Terraform provider that @pulumi/aws 7 has under no name.
var absentFromSDK = map[string][]string{
	"aws_eip":             {"vpc"},
	"aws_flow_log":        {"logGroupName"},
	"aws_lambda_function": {"filename"}, // the SDK's `code`: archives are beyond this plugin, functions are images here
}

func TestVersionIsThatOfTheSDK(t *testing.T) {
	t.Parallel()
	var manifest struct{ Version string }
	if err := json.Unmarshal([]byte(read(t, "package.json")), &manifest); err != nil {
		t.Fatal(err)
	}
	if manifest.Version != version {
		t.Errorf("@pulumi/aws is %s, this plugin says %s", manifest.Version, version)
	}
}

func TestTablesDescribeListedTypes(t *testing.T) {
	t.Parallel()
	for name := range resourceFields {
		if resourceTypes[name] == "" {
			t.Errorf("resourceFields: %s is not in resourceTypes", name)
		}
	}
	for name := range policyDocuments {
		if resourceTypes[name] == "" {
			t.Errorf("policyDocuments: %s is not in resourceTypes", name)
		}
	}
	for name := range functionFields {
		if functions[name] == "" {
			t.Errorf("functionFields: %s is not in functions", name)
		}
	}
}

// TestNamesAreThoseOfTheSDK needs the Terraform provider: it compares every token and every input with the SDK's code.
func TestNamesAreThoseOfTheSDK(t *testing.T) {
	path := os.Getenv(providerVariable)
	if path == "" {
		t.Skip(providerVariable + " is not set")
	}
	server, err := run.LocalProvider(context.Background(), path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { server.Close() })
	prov := providerInfo(proto.New(context.Background(), server))

	for name, resource := range prov.Resources {
		terraform, ok := prov.P.ResourcesMap().GetOk(name)
		if !ok {
			t.Errorf("%s is not in the Terraform provider", name)
			continue
		}
		code := read(t, resourceTypes[name]+".js")
		if !strings.Contains(code, "__pulumiType = '"+string(resource.Tok)+"'") {
			t.Errorf("%s: the SDK has no %s", name, resource.Tok)
		}
		for _, input := range inputs(terraform.Schema(), resource.Fields) {
			known := strings.Contains(code, `resourceInputs["`+input+`"]`) || slices.Contains(absentFromSDK[name], input)
			if !known {
				t.Errorf("%s: the SDK's %s has no %s", name, resource.Tok, input)
			}
		}
	}
	for name, function := range prov.DataSources {
		terraform, ok := prov.P.DataSourcesMap().GetOk(name)
		if !ok {
			t.Errorf("%s is not in the Terraform provider", name)
			continue
		}
		code := read(t, strings.TrimPrefix(functions[name], "index/")+".js")
		if !strings.Contains(code, `runtime.invoke("`+string(function.Tok)+`"`) {
			t.Errorf("%s: the SDK has no %s", name, function.Tok)
		}
		for _, input := range inputs(terraform.Schema(), function.Fields) {
			if !strings.Contains(code, `"`+input+`": args.`) {
				t.Errorf("%s: the SDK's %s has no %s", name, function.Tok, input)
			}
		}
	}
}

// inputs returns the Pulumi names of the properties that a program may give. Pulumi has its own means instead of two:
// a resource's id is not an argument, and its timeouts are the resource option customTimeouts.
func inputs(schema shim.SchemaMap, described fields) []string {
	var names []string
	schema.Range(func(name string, property shim.Schema) bool {
		if (property.Optional() || property.Required()) && name != "id" && name != "timeouts" {
			names = append(names, tfbridge.TerraformToPulumiNameV2(name, schema, described))
		}
		return true
	})
	return names
}

// read returns a file of the SDK, whose classes and functions live in files of their name with a small first letter.
func read(t *testing.T, file string) string {
	t.Helper()
	folder, base := filepath.Split(file)
	content, err := os.ReadFile(filepath.Join(sdk, folder, strings.ToLower(base[:1])+base[1:]))
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}
