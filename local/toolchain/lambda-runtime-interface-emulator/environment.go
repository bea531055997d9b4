package main

import (
	"io"
	"net"
	"net/url"
	"os"
	"strconv"
	"strings"
	"time"
)

// settings are what the platform says about the function.
type settings struct {
	functionARN string
	memory      string // megabytes
	timeout     time.Duration
}

func settingsFromEnvironment() settings {
	seconds, err := strconv.Atoi(os.Getenv("AWS_LAMBDA_FUNCTION_TIMEOUT"))
	if err != nil {
		seconds = 3 // Lambda's default
	}
	return settings{
		functionARN: os.Getenv("_LAMBDA_FUNCTION_ARN"),
		memory:      os.Getenv("AWS_LAMBDA_FUNCTION_MEMORY_SIZE"),
		timeout:     time.Duration(seconds) * time.Second,
	}
}

// runtimeEnvironment is the environment that Lambda documents for functions, on top of the container's.
//
// https://docs.aws.amazon.com/lambda/latest/dg/configuration-envvars.html
func runtimeEnvironment(handler string) ([]string, error) {
	env := append(os.Environ(),
		"_HANDLER="+handler,
		"AWS_LAMBDA_RUNTIME_API="+runtimeAddress,
		"AWS_LAMBDA_INITIALIZATION_TYPE=on-demand",
		"AWS_EXECUTION_ENV=AWS_Lambda_python3.13",
		"TZ=:UTC",
	)
	endpoint, err := forwardEndpoint(os.Getenv("AWS_ENDPOINT_URL"))
	if err != nil {
		return nil, err
	}
	if endpoint != "" {
		env = append(env, "AWS_ENDPOINT_URL="+endpoint)
	}
	return env, nil
}

// forwardEndpoint makes the AWS endpoint reachable in the container under the address that it has outside: localhost.
// URLs that a function presigns are then valid for its callers.
func forwardEndpoint(endpoint string) (string, error) {
	address, err := url.Parse(endpoint)
	if err != nil || endpoint == "" || address.Hostname() == "localhost" {
		return "", err
	}
	listener, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", address.Port()))
	if err != nil {
		return "", err
	}
	go forward(listener, address.Host)
	address.Host = net.JoinHostPort("localhost", address.Port())
	return strings.TrimSuffix(address.String(), "/"), nil
}

func forward(listener net.Listener, target string) {
	for {
		inner, err := listener.Accept()
		if err != nil {
			return
		}
		go func() {
			defer inner.Close()
			outer, err := net.Dial("tcp", target)
			if err != nil {
				return
			}
			defer outer.Close()
			done := make(chan struct{}, 2)
			pipe := func(to, from net.Conn) {
				io.Copy(to, from)
				// One side has said all it had to say; the other may still answer.
				to.(*net.TCPConn).CloseWrite()
				done <- struct{}{}
			}
			go pipe(outer, inner)
			go pipe(inner, outer)
			<-done
			<-done
		}()
	}
}
