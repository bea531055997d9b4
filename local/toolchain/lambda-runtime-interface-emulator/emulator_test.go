package main

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"
)

func TestAnswerHeadersAndLog(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 5*time.Second, "")
	before := time.Now().Add(5 * time.Second).UnixMilli()

	answer, header := f.invoke("id-1", `{}`)

	if answer["type"] != "application/json" || answer["arn"] != "arn:f" {
		t.Errorf("the runtime got %v", answer)
	}
	if answer["deadline"] < fmt.Sprint(before) || answer["deadline"] > fmt.Sprint(before+5000) {
		t.Errorf("the deadline is %s, invoked at %d", answer["deadline"], before)
	}
	if header.Get("X-Amz-Function-Error") != "" || header.Get("X-Amzn-RequestId") != "id-1" {
		t.Errorf("headers %v", header)
	}
	f.wantLog(`(?s)^START RequestId: id-1 Version: 7\na line of the function\nEND RequestId: id-1\n` +
		`REPORT RequestId: id-1\tDuration: [\d.]+ ms\tBilled Duration: \d+ ms\tMemory Size: 256 MB\t` +
		`Max Memory Used: [1-9]\d* MB\tInit Duration: [\d.]+ ms\n$`)

	f.invoke("id-2", `{}`)
	f.wantLog(`REPORT RequestId: id-2\t[^\n]* MB\n$`) // the initialization is reported once
}

func TestRequestIDIsMade(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 5*time.Second, "")
	_, header := f.invoke("", `{}`)
	id := header.Get("X-Amzn-RequestId")
	if !regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`).MatchString(id) {
		t.Errorf("made %q", id)
	}
}

func TestOneInvocationAtATimeInOneProcess(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 5*time.Second, "")
	first, _ := f.invoke("first", `{}`)
	var all sync.WaitGroup
	for i := range 20 {
		all.Go(func() {
			if answer, _ := f.invoke(fmt.Sprintf("id-%d", i), `{}`); answer["pid"] != first["pid"] {
				t.Errorf("answered by process %s, not %s", answer["pid"], first["pid"])
			}
		})
	}
	all.Wait()
	for _, block := range strings.Split(strings.TrimSpace(f.printed()), "START ")[1:] {
		if lines := strings.Split(strings.TrimSpace(block), "\n"); len(lines) != 4 {
			t.Errorf("invocations overlap:\n%s", f.printed())
			break
		}
	}
}

func TestFunctionError(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 5*time.Second, "")
	answer, header := f.invoke("id-1", `"raise"`)
	f.wantError(answer, header, "ValueError", "bad")
}

func TestRuntimeThatEndsIsReportedAndStartedAgain(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 5*time.Second, "")
	first, _ := f.invoke("id-1", `{}`)

	answer, header := f.invoke("id-2", `"exit"`)
	f.wantError(answer, header, "Runtime.ExitError",
		"RequestId: id-2 Error: Runtime exited with error: exit status 3")
	f.wantLog(`\nRequestId: id-2 Error: Runtime exited with error: exit status 3\nRuntime.ExitError\nEND RequestId: id-2\n` +
		`REPORT RequestId: id-2\t[^\n]*\tStatus: error\tError Type: Runtime.ExitError\n`)

	answer, header = f.invoke("id-3", `"exit cleanly"`)
	f.wantError(answer, header, "Runtime.ExitError",
		"RequestId: id-3 Error: Runtime exited without providing a reason")

	again, _ := f.invoke("id-4", `{}`)
	if again["pid"] == first["pid"] {
		t.Error("the same process answers")
	}
}

func TestTimeoutEndsTheRuntimeAndItsChildren(t *testing.T) {
	t.Parallel()
	f := newFixture(t, time.Second, "")
	answer, header := f.invoke("id-1", `"hang with a child"`)
	f.wantError(answer, header, "Sandbox.Timedout", "RequestId: id-1 Error: Task timed out after 1.00 seconds")
	f.wantLog(`\n\d{4}-\d\d-\d\dT[\d:.]+Z id-1 Task timed out after 1.00 seconds\nEND RequestId: id-1\n` +
		`REPORT RequestId: id-1\tDuration: 1\d{3}\.\d+ ms\t[^\n]*\tStatus: timeout\n`)
	var child int
	_, announced, _ := strings.Cut(f.printed(), "child ")
	if _, err := fmt.Sscan(announced, &child); err != nil {
		t.Fatal(err)
	}
	waitUntil(t, "the runtime's child is gone", func() bool { return !isRunning(child) })

	if answer, _ := f.invoke("id-2", `{}`); answer["pid"] == "" {
		t.Errorf("the next invocation got %v", answer)
	}
}

func TestInitializationDoesNotCountAsTimeout(t *testing.T) {
	t.Parallel()
	f := newFixture(t, time.Second, "slow")
	if answer, _ := f.invoke("id-1", `{}`); answer["pid"] == "" {
		t.Errorf("got %v", answer)
	}
	f.wantLog(`\tInit Duration: 1[5-9]\d\d`)
}

func TestInitializationThatFails(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 5*time.Second, "error")
	for _, id := range []string{"id-1", "id-2"} { // each invocation tries again
		answer, header := f.invoke(id, `{}`)
		f.wantError(answer, header, "Runtime.ImportModuleError", "no module")
	}
}

func TestInitializationThatExits(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 5*time.Second, "exit")
	answer, header := f.invoke("id-1", `{}`)
	f.wantError(answer, header, "Runtime.ExitError",
		"RequestId: id-1 Error: Runtime exited with error: exit status 4")
}

func TestRuntimeThatCannotBeStarted(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 5*time.Second, "")
	f.command = []string{"/nonexistent"}
	answer, header := f.invoke("id-1", `{}`)
	f.wantError(answer, header, "Runtime.InvalidEntrypoint",
		"RequestId: id-1 Error: fork/exec /nonexistent: no such file or directory")
}

func TestAnswerForAnotherInvocationIsRefused(t *testing.T) {
	t.Parallel()
	e := newEmulator(function{}, nil, nil, io.Discard)
	e.setCurrent(&invocation{id: "now", result: make(chan result, 1)})
	for _, path := range []string{"earlier/response", "earlier/error"} {
		recorder := httptest.NewRecorder()
		e.runtimeAPI().ServeHTTP(recorder, httptest.NewRequest(
			http.MethodPost, "/2018-06-01/runtime/invocation/"+path, strings.NewReader("{}")))
		if recorder.Code != http.StatusBadRequest {
			t.Errorf("%s: status %d", path, recorder.Code)
		}
	}
}

func TestStopEndsTheRuntime(t *testing.T) {
	t.Parallel()
	f := newFixture(t, 5*time.Second, "")
	f.invoke("id-1", `{}`)
	running := f.runtime
	f.stop()
	if running.isAlive() {
		t.Error("the runtime still runs")
	}
	answer, header := f.invoke("id-2", `{}`)
	f.wantError(answer, header, "Runtime.InvalidEntrypoint", "RequestId: id-2 Error: the environment is shutting down")
}
