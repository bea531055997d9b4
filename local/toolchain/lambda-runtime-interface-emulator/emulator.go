package main

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"strconv"
	"sync"
	"time"
)

// emulator passes invocations to the runtime, one at a time, as one Lambda execution environment does.
type emulator struct {
	runtime  *process
	settings settings
	output   io.Writer // the function's log

	turn    sync.Mutex       // held while an invocation runs
	next    chan *invocation // what the runtime asks for
	mutex   sync.Mutex
	current *invocation
	started time.Time     // when the runtime was started
	initial time.Duration // from its start until it asked for work; reported once
}

// invocation is one call of the function.
type invocation struct {
	id       string
	payload  []byte
	deadline time.Time
	result   chan result
}

// result is what the runtime answered; err is the error's type, empty for a success.
type result struct {
	body []byte
	err  string
}

func newEmulator(runtime *process, settings settings) *emulator {
	return &emulator{runtime: runtime, settings: settings, output: os.Stdout, next: make(chan *invocation)}
}

// start starts the runtime unless it runs.
func (e *emulator) start() (<-chan struct{}, error) {
	now := time.Now()
	exited, started, err := e.runtime.ensure()
	if started {
		e.mutex.Lock()
		e.started, e.initial = now, 0
		e.mutex.Unlock()
	}
	return exited, err
}

// invoke runs the function once. The id is the caller's, so that its log lines can be found.
func (e *emulator) invoke(id string, payload []byte) result {
	e.turn.Lock()
	defer e.turn.Unlock()
	if id == "" {
		id = rand.Text()
	}
	begin := time.Now()
	call := &invocation{id: id, payload: payload, deadline: begin.Add(e.settings.timeout), result: make(chan result, 1)}
	fmt.Fprintf(e.output, "START RequestId: %s Version: $LATEST\n", id)
	answer := e.run(call)
	fmt.Fprintf(e.output, "END RequestId: %s\n", id)
	e.report(id, time.Since(begin))
	return answer
}

func (e *emulator) run(call *invocation) result {
	exited, err := e.start()
	if err != nil {
		return failure("Runtime.ExitError", err.Error())
	}
	e.setCurrent(call)
	defer e.setCurrent(nil)
	timeout := time.NewTimer(time.Until(call.deadline))
	defer timeout.Stop()
	next := e.next
	for {
		select {
		case next <- call:
			next = nil // the runtime has it
		case answer := <-call.result:
			return answer
		case <-exited:
			select {
			case answer := <-call.result: // it reported an error, then ended
				return answer
			default:
			}
			return failure("Runtime.ExitError", fmt.Sprintf("RequestId: %s Error: Runtime exited with error: %s", call.id, e.runtime.lastFailure()))
		case <-timeout.C:
			e.runtime.kill()
			return failure("Sandbox.Timedout", fmt.Sprintf("RequestId: %s Error: Task timed out after %.2f seconds", call.id, e.settings.timeout.Seconds()))
		}
	}
}

// report prints the platform's last line of an invocation.
func (e *emulator) report(id string, duration time.Duration) {
	e.mutex.Lock()
	initial := e.initial
	e.initial = 0
	e.mutex.Unlock()
	line := fmt.Sprintf("REPORT RequestId: %s\tDuration: %.2f ms\tBilled Duration: %d ms\tMemory Size: %s MB\tMax Memory Used: %d MB",
		id, milliseconds(duration), (duration + time.Millisecond - 1).Milliseconds(), e.settings.memory, e.runtime.peakMegabytes())
	if initial > 0 {
		line += fmt.Sprintf("\tInit Duration: %.2f ms", milliseconds(initial))
	}
	fmt.Fprintln(e.output, line)
}

func (e *emulator) setCurrent(call *invocation) {
	e.mutex.Lock()
	defer e.mutex.Unlock()
	e.current = call
}

// answer hands the runtime's answer to the invocation that waits for it; false where none with this id does.
func (e *emulator) answer(id string, answer result) bool {
	e.mutex.Lock()
	defer e.mutex.Unlock()
	if e.current == nil || (id != "" && e.current.id != id) {
		return false
	}
	select {
	case e.current.result <- answer:
		return true
	default: // it has its answer already
		return false
	}
}

func (e *emulator) invocationAPI() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /2015-03-31/functions/function/invocations", func(w http.ResponseWriter, r *http.Request) {
		payload, err := io.ReadAll(r.Body)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		answer := e.invoke(r.Header.Get("X-Amzn-RequestId"), payload)
		w.Header().Set("Content-Type", "application/json")
		if answer.err != "" {
			w.Header().Set("X-Amz-Function-Error", "Unhandled")
			w.Header().Set("Lambda-Runtime-Function-Error-Type", answer.err)
		}
		w.Write(answer.body)
	})
	return mux
}

// runtimeAPI is what the runtime client talks to.
//
// https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
func (e *emulator) runtimeAPI() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /2018-06-01/runtime/invocation/next", func(w http.ResponseWriter, r *http.Request) {
		e.mutex.Lock()
		if !e.started.IsZero() {
			e.initial, e.started = time.Since(e.started), time.Time{}
		}
		e.mutex.Unlock()
		select {
		case <-r.Context().Done(): // the runtime is gone
		case call := <-e.next:
			w.Header().Set("Content-Type", "application/json") // without it, awslambdaric ends without a word
			w.Header().Set("Lambda-Runtime-Aws-Request-Id", call.id)
			w.Header().Set("Lambda-Runtime-Deadline-Ms", strconv.FormatInt(call.deadline.UnixMilli(), 10))
			w.Header().Set("Lambda-Runtime-Invoked-Function-Arn", e.settings.functionARN)
			w.Write(call.payload)
		}
	})
	accept := func(w http.ResponseWriter, r *http.Request, failed bool) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		answer := result{body: body}
		if failed {
			answer.err = r.Header.Get("Lambda-Runtime-Function-Error-Type")
			if answer.err == "" {
				answer.err = "Unhandled"
			}
		}
		if !e.answer(r.PathValue("id"), answer) {
			http.Error(w, "no such invocation", http.StatusBadRequest)
			return
		}
		w.WriteHeader(http.StatusAccepted)
	}
	mux.HandleFunc("POST /2018-06-01/runtime/invocation/{id}/response", func(w http.ResponseWriter, r *http.Request) {
		accept(w, r, false)
	})
	mux.HandleFunc("POST /2018-06-01/runtime/invocation/{id}/error", func(w http.ResponseWriter, r *http.Request) {
		accept(w, r, true)
	})
	// An import that fails is told here, to the invocation that waits for the runtime if there is one.
	mux.HandleFunc("POST /2018-06-01/runtime/init/error", func(w http.ResponseWriter, r *http.Request) {
		accept(w, r, true)
	})
	return mux
}

func failure(kind, message string) result {
	body, _ := json.Marshal(map[string]string{"errorType": kind, "errorMessage": message})
	return result{body: body, err: kind}
}

func milliseconds(duration time.Duration) float64 {
	return float64(duration.Microseconds()) / 1000
}
