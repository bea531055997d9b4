package main

import (
	"crypto/rand"
	"fmt"
	"io"
	"net/http"
	"strconv"
)

// invocationAPI takes invocations, as Lambda's Invoke does for one function.
//
// https://docs.aws.amazon.com/lambda/latest/dg/images-test.html
func (e *emulator) invocationAPI() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("POST /2015-03-31/functions/function/invocations", func(w http.ResponseWriter, r *http.Request) {
		payload, ok := body(w, r)
		if !ok {
			return
		}
		id := r.Header.Get("X-Amzn-RequestId")
		if id == "" {
			id = newRequestID()
		}
		answer := e.invoke(id, payload)
		header := w.Header()
		header.Set("Content-Type", "application/json")
		header.Set("X-Amzn-RequestId", id)
		if answer.errorType != "" {
			header.Set("X-Amz-Function-Error", "Unhandled")
			header.Set("Lambda-Runtime-Function-Error-Type", answer.errorType)
		}
		_, _ = w.Write(answer.body) // a caller that has gone away misses its answer
	})
	return mux
}

// runtimeAPI is what the runtime client talks to.
//
// https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html
func (e *emulator) runtimeAPI() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /2018-06-01/runtime/invocation/next", e.serveNext)
	mux.HandleFunc("POST /2018-06-01/runtime/invocation/{id}/response", func(w http.ResponseWriter, r *http.Request) {
		if payload, ok := body(w, r); ok {
			e.accept(w, r, result{body: payload})
		}
	})
	mux.HandleFunc("POST /2018-06-01/runtime/invocation/{id}/error", func(w http.ResponseWriter, r *http.Request) {
		if payload, ok := body(w, r); ok {
			e.accept(w, r, result{body: payload, errorType: errorType(r)})
		}
	})
	// The runtime ends after this; the invocation that waits for it then gets what was said here.
	mux.HandleFunc("POST /2018-06-01/runtime/init/error", func(w http.ResponseWriter, r *http.Request) {
		if payload, ok := body(w, r); ok {
			e.asking().failedToInitialize(result{body: payload, errorType: errorType(r), status: "error"})
			w.WriteHeader(http.StatusAccepted)
		}
	})
	return mux
}

func (e *emulator) serveNext(w http.ResponseWriter, r *http.Request) {
	runtime := e.asking()
	runtime.initialized()
	select {
	case <-r.Context().Done():
	case <-runtime.exited:
	case call := <-runtime.next:
		header := w.Header()
		header.Set("Content-Type", "application/json") // without it, awslambdaric ends without a word
		header.Set("Lambda-Runtime-Aws-Request-Id", call.id)
		header.Set("Lambda-Runtime-Deadline-Ms", strconv.FormatInt(call.deadline.UnixMilli(), 10))
		header.Set("Lambda-Runtime-Invoked-Function-Arn", e.function.arn)
		_, _ = w.Write(call.payload) // a runtime that is gone is noticed by its process
	}
}

// asking is the runtime that sends a request: the only one that runs.
func (e *emulator) asking() *runtime {
	e.mutex.Lock()
	defer e.mutex.Unlock()
	return e.runtime
}

func (e *emulator) accept(w http.ResponseWriter, r *http.Request, answer result) {
	if !e.answer(r.PathValue("id"), answer) {
		http.Error(w, "no invocation with this id waits for an answer", http.StatusBadRequest)
		return
	}
	w.WriteHeader(http.StatusAccepted)
}

// errorType is the type of the error that the runtime reports.
func errorType(r *http.Request) string {
	if name := r.Header.Get("Lambda-Runtime-Function-Error-Type"); name != "" {
		return name
	}
	return "Unhandled"
}

// body reads a request's body; where it cannot, it has answered.
func body(w http.ResponseWriter, r *http.Request) ([]byte, bool) {
	content, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return nil, false
	}
	return content, true
}

// newRequestID returns an id in the form of Lambda's, a random UUID (version 4).
func newRequestID() string {
	var id [16]byte
	_, _ = rand.Read(id[:]) // never fails, its documentation says
	id[6] = id[6]&0x0f | 0x40
	id[8] = id[8]&0x3f | 0x80
	return fmt.Sprintf("%x-%x-%x-%x-%x", id[:4], id[4:6], id[6:8], id[8:10], id[10:])
}
