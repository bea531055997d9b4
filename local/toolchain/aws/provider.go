package main

import (
	"strings"

	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge"
	"github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfbridge/info"
	shim "github.com/pulumi/pulumi-terraform-bridge/v3/pkg/tfshim"
)

// version is that of the SDK @pulumi/aws whose names this plugin speaks; the engine asks for a plugin of that version.
const version = "7.48.0"

// providerInfo tells the bridge which of the Terraform provider's types exist, and under which names.
func providerInfo(provider shim.Provider) info.Provider {
	prov := info.Provider{
		P:            provider,
		Name:         "aws",
		Version:      version,
		MetadataInfo: &info.Metadata{Data: tfbridge.ProviderMetadata(nil)},
		Config:       providerFields,
		Resources:    make(map[string]*info.Resource, len(resourceTypes)),
		DataSources:  make(map[string]*info.DataSource, len(functions)),
	}
	for name, path := range resourceTypes {
		module, class, _ := strings.Cut(path, "/")
		prov.Resources[name] = &info.Resource{
			Tok:              tfbridge.MakeResource("aws", module, class),
			Fields:           resourceFields[name],
			PreCheckCallback: translateInputs(policyDocuments[name]),
		}
	}
	for name, path := range functions {
		module, function, _ := strings.Cut(path, "/")
		prov.DataSources[name] = &info.DataSource{
			Tok:    tfbridge.MakeDataSource("aws", module, function),
			Fields: functionFields[name],
		}
	}
	prov.SetAutonaming(255, "-")
	replaceNamedAfterDeletion(prov)
	return prov
}

// replaceNamedAfterDeletion has resources with a physical name deleted before their replacement is created, which
// would otherwise collide with them. The official plugin does so where the program gave the name; the part of the
// bridge used here cannot tell (https://github.com/pulumi/pulumi-terraform-bridge/issues/823).
func replaceNamedAfterDeletion(prov info.Provider) {
	for _, resource := range prov.Resources {
		for _, field := range resource.Fields {
			if field.Default != nil && field.Default.AutoNamed {
				resource.DeleteBeforeReplace = true
			}
		}
	}
}
