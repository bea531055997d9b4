// Command lambda-runtime-interface-emulator is the entry point of the stand-in for Lambda's Python base image: it takes
// invocations over HTTP, as the emulator in AWS' own base images does, and hands them to the runtime client over the
// Lambda Runtime API.
//
// Usage: lambda-runtime-interface-emulator HANDLER
package main

import (
	"errors"
	"log"
	"net"
	"net/http"
	"os"
	"os/signal"
	"syscall"
)

const (
	// Where AWS' base images take invocations.
	invocationAddress = ":8080"
	// Where Lambda serves the Runtime API.
	runtimeAddress = "127.0.0.1:9001"
)

func main() {
	log.SetFlags(0)
	if len(os.Args) < 2 {
		log.Fatal("lambda-runtime-interface-emulator: name the handler, for example app.handler")
	}
	env, err := runtimeEnvironment(os.Args[1])
	if err != nil {
		log.Fatal(err)
	}
	// python -m awslambdaric is what AWS' base images start, too.
	runtime := &process{command: []string{"python", "-m", "awslambdaric", os.Args[1]}, env: env}
	emulator := newEmulator(runtime, settingsFromEnvironment())

	listener, err := net.Listen("tcp", runtimeAddress)
	if err != nil {
		log.Fatal(err)
	}
	go func() { log.Fatal(http.Serve(listener, emulator.runtimeAPI())) }()
	go stopOnSignal(runtime)
	// Lambda, too, starts the runtime before the first invocation arrives.
	emulator.start()
	server := &http.Server{Addr: invocationAddress, Handler: emulator.invocationAPI()}
	if err := server.ListenAndServe(); !errors.Is(err, http.ErrServerClosed) {
		log.Fatal(err)
	}
}

func stopOnSignal(runtime *process) {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGTERM, syscall.SIGINT)
	<-signals
	runtime.kill()
	os.Exit(0)
}
