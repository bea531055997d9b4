// Command pulumi-resource-aws is the Pulumi plugin "aws" for machines that cannot install the official one. Like it, it
// is Pulumi's Terraform bridge around HashiCorp's AWS provider, under the names that the SDK @pulumi/aws uses; unlike
// it, it starts that provider from a file which is already on the machine instead of containing it.
//
// The module's path lies under the bridge's folder "dynamic" because the package that starts a provider's file,
// dynamic/internal/shim/run, may only be imported from there.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/pulumi/pulumi-terraform-bridge/v3/dynamic/internal/shim/run"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/pf/proto"
	pfbridge "github.com/pulumi/pulumi-terraform-bridge/v3/pkg/pf/tfbridge"
)

// providerVariable names the environment variable that holds the path of the Terraform provider's file,
// "…/terraform-provider-aws_v5.100.0_x5".
const providerVariable = "TERRAFORM_PROVIDER_AWS"

func main() {
	if err := serve(context.Background()); err != nil {
		fmt.Fprintf(os.Stderr, "pulumi-resource-aws: %v\n", err)
		os.Exit(1)
	}
}

// serve starts the Terraform provider and answers Pulumi's engine until it closes the plugin.
func serve(ctx context.Context) error {
	path := os.Getenv(providerVariable)
	if path == "" {
		return errors.New(providerVariable + " is not set: it must name the Terraform AWS provider's file")
	}
	engine := os.Getppid()
	server, err := run.LocalProvider(ctx, path)
	if err != nil {
		return fmt.Errorf("start %s (from %s): %w", path, providerVariable, err)
	}
	// Without the address of an engine it was started to be kept running: engines attach to it and let it go again.
	if len(os.Args) > 1 {
		go endWithParent(engine, server)
	}
	// The schema serves SDK generators; programs bring @pulumi/aws, which has it compiled in.
	metadata := pfbridge.ProviderMetadata{PackageSchema: []byte(`{"name":"aws","version":"` + version + `"}`)}
	pfbridge.Main(ctx, "aws", providerInfo(proto.New(ctx, server)), metadata)
	return server.Close()
}

// endWithParent ends the plugin soon after the engine that started it. The plugin library itself looks for a killed
// engine every five minutes only, and would go on creating resources while the next update runs.
func endWithParent(parent int, server io.Closer) {
	for os.Getppid() == parent {
		time.Sleep(time.Second)
	}
	server.Close()
	os.Exit(1)
}
