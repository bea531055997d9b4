package main

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestFunctionFromEnvironment(t *testing.T) {
	t.Parallel()
	cases := map[string]struct {
		variables map[string]string
		want      function
		problem   string
	}{
		"Lambda's defaults": {
			want: function{"function", "$LATEST", "arn:aws:lambda:us-east-1:000000000000:function:function", "128", 3 * time.Second},
		},
		"what the platform sets": {
			variables: map[string]string{
				"AWS_LAMBDA_FUNCTION_NAME": "f", "AWS_LAMBDA_FUNCTION_VERSION": "7", "_LAMBDA_FUNCTION_ARN": "arn:f",
				"AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "512", "AWS_LAMBDA_FUNCTION_TIMEOUT": "29",
			},
			want: function{"f", "7", "arn:f", "512", 29 * time.Second},
		},
		"a timeout that is no number": {
			variables: map[string]string{"AWS_LAMBDA_FUNCTION_TIMEOUT": "soon"},
			problem:   `AWS_LAMBDA_FUNCTION_TIMEOUT is "soon": it must be a number of seconds`,
		},
		"a timeout of zero": {
			variables: map[string]string{"AWS_LAMBDA_FUNCTION_TIMEOUT": "0"},
			problem:   `AWS_LAMBDA_FUNCTION_TIMEOUT is "0": it must be a number of seconds`,
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			got, err := functionFromEnvironment(func(variable string) string { return c.variables[variable] })
			if c.problem != "" {
				if err == nil || err.Error() != c.problem {
					t.Errorf("got %v, want %s", err, c.problem)
				}
				return
			}
			if err != nil || got != c.want {
				t.Errorf("got %+v, %v, want %+v", got, err, c.want)
			}
		})
	}
}

func TestRuntimeEnvironment(t *testing.T) {
	t.Setenv("TZ", ":/etc/localtime")
	t.Setenv("LAMBDA_TASK_ROOT", "/elsewhere")
	t.Setenv("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "512")
	got := runtimeEnvironment(function{name: "f", version: "7", memory: "512"}, "app.handler", "http://localhost:1")
	for name, want := range map[string]string{
		"_HANDLER":                        "app.handler",
		"AWS_ENDPOINT_URL":                "http://localhost:1",
		"AWS_EXECUTION_ENV":               "AWS_Lambda_python3.13",
		"AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "512",
		"AWS_LAMBDA_FUNCTION_NAME":        "f",
		"AWS_LAMBDA_FUNCTION_VERSION":     "7",
		"AWS_LAMBDA_INITIALIZATION_TYPE":  "on-demand",
		"AWS_LAMBDA_LOG_GROUP_NAME":       "/aws/lambda/f",
		"AWS_LAMBDA_RUNTIME_API":          "127.0.0.1:9001",
		"LAMBDA_RUNTIME_DIR":              "/var/runtime",
		"LAMBDA_TASK_ROOT":                "/elsewhere",
		"TZ":                              ":UTC",
	} {
		if value := last(got, name); value != want {
			t.Errorf("%s is %q, want %q", name, value, want)
		}
	}
}

// last is the value that counts for a name: a process gets the last of several.
func last(environment []string, name string) string {
	for _, entry := range slices.Backward(environment) {
		if value, ok := strings.CutPrefix(entry, name+"="); ok {
			return value
		}
	}
	return ""
}

func TestForwardEndpointWithNothingToForward(t *testing.T) {
	t.Parallel()
	for _, left := range []string{"", "http://localhost:4566", "https://host.docker.internal:4566"} {
		if got, err := forwardEndpoint(left, "1"); got != "" || err != nil {
			t.Errorf("%q: got %q, %v", left, got, err)
		}
	}
}

func TestForwardEndpointRefusesWhatIsNoAddressOrPort(t *testing.T) {
	t.Parallel()
	if _, err := forwardEndpoint("http://[::1", ""); err == nil {
		t.Error("a broken address is accepted")
	}
	if _, err := forwardEndpoint(serveElsewhere(t), "none"); err == nil || !strings.Contains(err.Error(), "none") {
		t.Errorf("got %v for a port that is none", err)
	}
}

func TestForwardEndpoint(t *testing.T) {
	t.Parallel()
	server, database := serveElsewhere(t), serveElsewhere(t)
	address := func(endpoint string) string { return strings.Replace(endpoint, "127.0.0.2", "localhost", 1) }

	endpoint, err := forwardEndpoint(server, database[strings.LastIndex(database, ":")+1:])

	if err != nil {
		t.Fatal(err)
	}
	if want := address(server); endpoint != want {
		t.Fatalf("got %s, want %s", endpoint, want)
	}
	for _, forwarded := range []string{endpoint, address(database)} {
		response, err := http.Post(forwarded, "text/plain", strings.NewReader(strings.Repeat("x", 1<<20)))
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		answer, _ := io.ReadAll(response.Body)
		if want := strings.TrimPrefix(forwarded, "http://") + " got 1048576 bytes"; string(answer) != want {
			t.Errorf("got %q, want %q", answer, want)
		}
	}
}

// serveElsewhere serves on another loopback address, so that the same port of localhost is free, and tells its URL.
func serveElsewhere(t *testing.T) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.2:0")
	if err != nil {
		t.Skip("this machine has no second loopback address")
	}
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		content, _ := io.ReadAll(r.Body)
		fmt.Fprintf(w, "%s got %d bytes", r.Host, len(content))
	}))
	server.Listener = listener
	server.Start()
	t.Cleanup(server.Close)
	return server.URL
}
