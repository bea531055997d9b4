// Command lambda-runtime-interface-emulator is the entry point of the stand-in for Lambda's Python base image. Like the
// emulator in AWS' own base images it takes invocations over HTTP and hands them to the runtime client, which it starts,
// over the Lambda Runtime API. Beyond that one it enforces the function's timeout, starts a runtime that ended again,
// marks function errors in a header, and makes a local AWS endpoint, with the ports that LOCALHOST_PORTS names beside it,
// reachable as localhost.
//
// Usage: lambda-runtime-interface-emulator HANDLER
package main

import (
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
	log.SetPrefix("lambda-runtime-interface-emulator: ")
	if len(os.Args) != 2 {
		log.Fatal("name the handler, and nothing else, for example: app.handler")
	}
	if err := serve(os.Args[1]); err != nil {
		log.Fatal(err)
	}
}

func serve(handler string) error {
	endpoint, err := forwardEndpoint(os.Getenv("AWS_ENDPOINT_URL"), os.Getenv("LOCALHOST_PORTS"))
	if err != nil {
		return err
	}
	function, err := functionFromEnvironment(os.Getenv)
	if err != nil {
		return err
	}
	runtimeListener, err := net.Listen("tcp", runtimeAddress)
	if err != nil {
		return err
	}
	invocationListener, err := net.Listen("tcp", invocationAddress)
	if err != nil {
		return err
	}
	// What AWS' base images start, too.
	command := []string{"python", "-m", "awslambdaric", handler}
	emulator := newEmulator(function, command, runtimeEnvironment(function, handler, endpoint), os.Stdout)
	go stopOnSignal(emulator)
	failed := make(chan error)
	go func() { failed <- http.Serve(runtimeListener, emulator.runtimeAPI()) }()
	go func() { failed <- http.Serve(invocationListener, emulator.invocationAPI()) }()
	// Lambda, too, starts the runtime before the first invocation arrives. What is wrong with it the invocation tells.
	_, _ = emulator.liveRuntime()
	return <-failed
}

// stopOnSignal passes the container engine's request to stop on, as Lambda does when it takes an environment down.
func stopOnSignal(emulator *emulator) {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGTERM, syscall.SIGINT)
	<-signals
	emulator.stop()
	os.Exit(0)
}
