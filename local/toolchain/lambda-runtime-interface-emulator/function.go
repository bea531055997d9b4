package main

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strconv"
	"time"
)

// function is what the platform, here the container's environment, says about the function.
type function struct {
	name    string
	version string
	arn     string
	memory  string // megabytes
	timeout time.Duration
}

// functionFromEnvironment reads the variables that the platform sets, with Lambda's defaults for those that it did not.
func functionFromEnvironment(variable func(string) string) (function, error) {
	read := func(name, otherwise string) string {
		if value := variable(name); value != "" {
			return value
		}
		return otherwise
	}
	timeout := read("AWS_LAMBDA_FUNCTION_TIMEOUT", "3")
	seconds, err := strconv.Atoi(timeout)
	if err != nil || seconds < 1 {
		return function{}, fmt.Errorf("AWS_LAMBDA_FUNCTION_TIMEOUT is %q: it must be a number of seconds", timeout)
	}
	name := read("AWS_LAMBDA_FUNCTION_NAME", "function")
	return function{
		name:    name,
		version: read("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
		arn:     read("_LAMBDA_FUNCTION_ARN", "arn:aws:lambda:us-east-1:000000000000:function:"+name),
		memory:  read("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "128"),
		timeout: time.Duration(seconds) * time.Second,
	}, nil
}

// runtimeEnvironment is the container's environment with the variables that Lambda documents for functions. Endpoint
// replaces AWS_ENDPOINT_URL unless it is empty.
//
// https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
func runtimeEnvironment(function function, handler, endpoint string) []string {
	always := map[string]string{
		"_HANDLER":                       handler,
		"AWS_EXECUTION_ENV":              "AWS_Lambda_python3.13",
		"AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
		"AWS_LAMBDA_RUNTIME_API":         runtimeAddress,
		"TZ":                             ":UTC",
	}
	if endpoint != "" {
		always["AWS_ENDPOINT_URL"] = endpoint
	}
	unlessSet := map[string]string{
		"AWS_LAMBDA_FUNCTION_MEMORY_SIZE": function.memory,
		"AWS_LAMBDA_FUNCTION_NAME":        function.name,
		"AWS_LAMBDA_FUNCTION_VERSION":     function.version,
		"AWS_LAMBDA_LOG_GROUP_NAME":       "/aws/lambda/" + function.name,
		"LAMBDA_RUNTIME_DIR":              "/var/runtime",
		"LAMBDA_TASK_ROOT":                "/var/task",
	}
	environment := os.Environ()
	for _, name := range slices.Sorted(maps.Keys(unlessSet)) {
		if _, set := os.LookupEnv(name); !set {
			environment = append(environment, name+"="+unlessSet[name])
		}
	}
	// Of two entries with one name the later counts.
	for _, name := range slices.Sorted(maps.Keys(always)) {
		environment = append(environment, name+"="+always[name])
	}
	return environment
}
