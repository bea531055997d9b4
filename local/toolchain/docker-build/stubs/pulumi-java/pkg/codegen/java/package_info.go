// Package java stands in for pulumi-java's code generator, whose module not every Go proxy delivers.
// pulumi-docker-build fills in one struct of it, and only to tell an SDK generator how to make a Java SDK:
// a plugin that manages resources never reads it.
package java

// PackageInfo has the fields that pulumi-docker-build sets.
type PackageInfo struct {
	BuildFiles                      string            `json:"buildFiles,omitempty"`
	GradleNexusPublishPluginVersion string            `json:"gradleNexusPublishPluginVersion,omitempty"`
	Dependencies                    map[string]string `json:"dependencies,omitempty"`
}
