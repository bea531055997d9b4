package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// TestMain runs the tests, or, where a test started this program as the runtime client, that.
func TestMain(m *testing.M) {
	if initialization, ok := os.LookupEnv("FAKE_INITIALIZATION"); ok {
		fakeRuntime(os.Getenv("AWS_LAMBDA_RUNTIME_API"), initialization)
	}
	os.Exit(m.Run())
}

// fakeRuntime is a runtime client whose handler does what the event says.
func fakeRuntime(api, initialization string) {
	base := "http://" + api + "/2018-06-01/runtime/"
	post := func(path, errorType, payload string) {
		request, _ := http.NewRequest(http.MethodPost, base+path, strings.NewReader(payload))
		request.Header.Set("Lambda-Runtime-Function-Error-Type", errorType)
		response, err := http.DefaultClient.Do(request)
		if err != nil || response.StatusCode != http.StatusAccepted {
			os.Exit(90)
		}
	}
	switch initialization {
	case "slow":
		time.Sleep(1500 * time.Millisecond)
	case "error":
		post("init/error", "Runtime.ImportModuleError", `{"errorType":"Runtime.ImportModuleError","errorMessage":"no module"}`)
		os.Exit(1)
	case "exit":
		os.Exit(4)
	}
	for {
		response, err := http.Get(base + "invocation/next")
		if err != nil {
			os.Exit(91)
		}
		event, _ := io.ReadAll(response.Body)
		header := response.Header
		path := "invocation/" + header.Get("Lambda-Runtime-Aws-Request-Id") + "/"
		switch strings.Trim(string(event), `"`) {
		case "raise":
			post(path+"error", "ValueError", `{"errorType":"ValueError","errorMessage":"bad"}`)
		case "exit":
			os.Exit(3)
		case "exit cleanly":
			os.Exit(0)
		case "hang with a child":
			child := exec.Command("sleep", "60")
			_ = child.Start()
			fmt.Printf("child %d\n", child.Process.Pid)
			time.Sleep(time.Minute)
		default:
			fmt.Println("a line of the function")
			answer, _ := json.Marshal(map[string]string{
				"pid":      fmt.Sprint(os.Getpid()),
				"type":     header.Get("Content-Type"),
				"arn":      header.Get("Lambda-Runtime-Invoked-Function-Arn"),
				"deadline": header.Get("Lambda-Runtime-Deadline-Ms"),
			})
			post(path+"response", "", string(answer))
		}
	}
}

// fixture is an emulator with the fake runtime.
type fixture struct {
	*emulator
	t   *testing.T
	url string
	log string // the file that the emulator and the runtime print to
}

func newFixture(t *testing.T, timeout time.Duration, initialization string) fixture {
	t.Helper()
	// A file, as a container's output is one: the runtime writes to it without anyone in between.
	output, err := os.OpenFile(filepath.Join(t.TempDir(), "log"), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	tested := function{name: "f", version: "7", arn: "arn:f", memory: "256", timeout: timeout}
	emulator := newEmulator(tested, []string{os.Args[0]}, nil, output)
	api := httptest.NewServer(emulator.runtimeAPI())
	emulator.environment = append(os.Environ(),
		"AWS_LAMBDA_RUNTIME_API="+strings.TrimPrefix(api.URL, "http://"), "FAKE_INITIALIZATION="+initialization)
	invocations := httptest.NewServer(emulator.invocationAPI())
	t.Cleanup(func() {
		emulator.stop()
		invocations.Close()
		api.CloseClientConnections()
		api.Close()
		output.Close()
	})
	return fixture{emulator, t, invocations.URL + "/2015-03-31/functions/function/invocations", output.Name()}
}

// invoke sends an event and returns the decoded answer and its headers.
func (f fixture) invoke(id, event string) (map[string]string, http.Header) {
	f.t.Helper()
	request, err := http.NewRequest(http.MethodPost, f.url, strings.NewReader(event))
	if err != nil {
		f.t.Fatal(err)
	}
	request.Header.Set("X-Amzn-RequestId", id)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		f.t.Fatal(err)
	}
	defer response.Body.Close()
	if response.StatusCode != http.StatusOK {
		f.t.Fatalf("status %s", response.Status)
	}
	var answer map[string]string
	if err := json.NewDecoder(response.Body).Decode(&answer); err != nil {
		f.t.Fatal(err)
	}
	return answer, response.Header
}

// wantError checks an answer that is a function error, body and headers.
func (f fixture) wantError(answer map[string]string, header http.Header, errorType, message string) {
	f.t.Helper()
	if answer["errorType"] != errorType || answer["errorMessage"] != message {
		f.t.Errorf("got %v, want %s: %s", answer, errorType, message)
	}
	if got := header.Get("X-Amz-Function-Error"); got != "Unhandled" {
		f.t.Errorf("X-Amz-Function-Error is %q", got)
	}
	if got := header.Get("Lambda-Runtime-Function-Error-Type"); got != errorType {
		f.t.Errorf("Lambda-Runtime-Function-Error-Type is %q", got)
	}
}

func (f fixture) wantLog(pattern string) {
	f.t.Helper()
	if printed := f.printed(); !regexp.MustCompile(pattern).MatchString(printed) {
		f.t.Errorf("the log\n%s\ndoes not match %s", printed, pattern)
	}
}

// printed is the log so far.
func (f fixture) printed() string {
	f.t.Helper()
	text, err := os.ReadFile(f.log)
	if err != nil {
		f.t.Fatal(err)
	}
	return string(text)
}

func isRunning(pid int) bool {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	return err == nil && !strings.Contains(string(status), "State:\tZ")
}

func waitUntil(t *testing.T, what string, holds func() bool) {
	t.Helper()
	for deadline := time.Now().Add(5 * time.Second); !holds(); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatalf("not after 5 s: %s", what)
		}
	}
}
