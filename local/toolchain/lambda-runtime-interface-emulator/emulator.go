package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"sync"
	"time"
)

const (
	// How long Lambda lets a runtime initialize before the function's timeout begins to count.
	// https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html#runtimes-lifecycle-ib
	initializationLimit = 10 * time.Second
	// How long Lambda lets a runtime shut down, where it does let it.
	// https://docs.aws.amazon.com/lambda/latest/dg/lambda-runtime-environment.html#runtimes-lifecycle-shutdown
	shutdownLimit = 500 * time.Millisecond
)

// emulator passes invocations to a runtime, one at a time, as one execution environment of Lambda does.
type emulator struct {
	function    function
	command     []string // starts the runtime client
	environment []string
	output      io.Writer // the function's log

	turn sync.Mutex // held while an invocation runs; others wait for it

	mutex   sync.Mutex
	runtime *runtime    // the latest; nil before the first
	current *invocation // the one that runs; nil between invocations
	stopped bool        // no runtime is started any more
}

// invocation is one call of the function.
type invocation struct {
	id       string
	payload  []byte
	deadline time.Time
	result   chan result
}

// result is what came of an invocation.
type result struct {
	body      []byte
	errorType string // empty for a success
	status    string // what the platform reports where it, not the function, ended the invocation
	line      string // what it prints of it
}

func newEmulator(function function, command, environment []string, output io.Writer) *emulator {
	return &emulator{function: function, command: command, environment: environment, output: output}
}

// liveRuntime returns the runtime, which it starts unless it runs.
func (e *emulator) liveRuntime() (*runtime, error) {
	e.mutex.Lock()
	defer e.mutex.Unlock()
	if e.runtime != nil && e.runtime.isAlive() {
		return e.runtime, nil
	}
	if e.stopped {
		return nil, errors.New("the environment is shutting down")
	}
	started, err := startRuntime(e.command, e.environment, e.output)
	if err != nil {
		return nil, err
	}
	e.runtime = started
	return started, nil
}

// stop ends the runtime for good.
func (e *emulator) stop() {
	e.mutex.Lock()
	e.stopped = true
	latest := e.runtime
	e.mutex.Unlock()
	if latest != nil {
		latest.end(shutdownLimit)
	}
}

// invoke runs the function once, in its turn. The id is the caller's, who finds the log lines by it.
func (e *emulator) invoke(id string, payload []byte) result {
	e.turn.Lock()
	defer e.turn.Unlock()
	runtime, err := e.liveRuntime()
	if err != nil {
		return platformFailure("Runtime.InvalidEntrypoint", id, err.Error())
	}
	awaitInitialization(runtime)
	begin := time.Now()
	call := &invocation{id: id, payload: payload, deadline: begin.Add(e.function.timeout), result: make(chan result, 1)}
	fmt.Fprintf(e.output, "START RequestId: %s Version: %s\n", id, e.function.version)
	answer := e.run(runtime, call)
	e.report(runtime, call, answer, time.Since(begin))
	return answer
}

// awaitInitialization waits until the runtime is ready, has ended, or has had the time that Lambda grants it: the
// function's timeout does not count before.
func awaitInitialization(runtime *runtime) {
	select {
	case <-runtime.ready:
	case <-runtime.exited:
	case <-time.After(initializationLimit):
	}
}

// run hands the invocation to the runtime and waits for what comes of it.
func (e *emulator) run(runtime *runtime, call *invocation) result {
	e.setCurrent(call)
	defer e.setCurrent(nil)
	timeout := time.NewTimer(time.Until(call.deadline))
	defer timeout.Stop()
	next := runtime.next
	for {
		select {
		case next <- call:
			next = nil // the runtime has it
		case answer := <-call.result:
			return answer
		case <-runtime.exited:
			select {
			case answer := <-call.result: // it answered, then ended
				return answer
			default:
				return runtime.failure(call.id)
			}
		case <-timeout.C:
			runtime.end(0)
			seconds := e.function.timeout.Seconds()
			message := fmt.Sprintf("Task timed out after %.2f seconds", seconds)
			answer := platformFailure("Sandbox.Timedout", call.id, message)
			answer.status = "timeout"
			answer.line = fmt.Sprintf("%s %s %s", time.Now().UTC().Format("2006-01-02T15:04:05.000Z"), call.id, message)
			return answer
		}
	}
}

// report prints the platform's last lines of an invocation.
func (e *emulator) report(runtime *runtime, call *invocation, answer result, duration time.Duration) {
	line := fmt.Sprintf(
		"REPORT RequestId: %s\tDuration: %.2f ms\tBilled Duration: %d ms\tMemory Size: %s MB\tMax Memory Used: %d MB",
		call.id, milliseconds(duration), billedMilliseconds(duration), e.function.memory, runtime.peakMegabytes(),
	)
	if initialization := runtime.takeInitialization(); initialization > 0 {
		line += fmt.Sprintf("\tInit Duration: %.2f ms", milliseconds(initialization))
	}
	if answer.status != "" {
		line += "\tStatus: " + answer.status
	}
	if answer.status == "error" {
		line += "\tError Type: " + answer.errorType
	}
	if answer.line != "" {
		fmt.Fprintln(e.output, answer.line)
	}
	fmt.Fprintf(e.output, "END RequestId: %s\n%s\n", call.id, line)
}

func (e *emulator) setCurrent(call *invocation) {
	e.mutex.Lock()
	defer e.mutex.Unlock()
	e.current = call
}

// answer gives the runtime's answer to the invocation that waits for it; false where none with this id does.
func (e *emulator) answer(id string, answer result) bool {
	e.mutex.Lock()
	defer e.mutex.Unlock()
	if e.current == nil || e.current.id != id {
		return false
	}
	select {
	case e.current.result <- answer:
		return true
	default: // it has its answer already
		return false
	}
}

// platformFailure is what Lambda answers where the function did not.
func platformFailure(errorType, requestID, message string) result {
	message = fmt.Sprintf("RequestId: %s Error: %s", requestID, message)
	body, err := json.Marshal(map[string]string{"errorType": errorType, "errorMessage": message})
	if err != nil {
		panic(err) // strings always have a JSON form
	}
	return result{body: body, errorType: errorType, status: "error", line: message + "\n" + errorType}
}

func milliseconds(duration time.Duration) float64 {
	return float64(duration.Microseconds()) / 1000
}

// billedMilliseconds rounds up to the whole millisecond, which Lambda bills by.
func billedMilliseconds(duration time.Duration) int64 {
	return (duration + time.Millisecond - 1).Milliseconds()
}
