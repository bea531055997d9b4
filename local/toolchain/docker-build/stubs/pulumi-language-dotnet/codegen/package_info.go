// Package codegen stands in for pulumi-dotnet's code generator, whose module not every Go proxy delivers.
// pulumi-docker-build fills in one struct of it, and only to tell an SDK generator how to make a .NET SDK:
// a plugin that manages resources never reads it.
package codegen

// CSharpPackageInfo has the fields that pulumi-docker-build sets.
type CSharpPackageInfo struct {
	RespectSchemaVersion bool              `json:"respectSchemaVersion,omitempty"`
	PackageReferences    map[string]string `json:"packageReferences,omitempty"`
}
