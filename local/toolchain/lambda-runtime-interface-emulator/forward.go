package main

import (
	"fmt"
	"io"
	"net"
	"net/url"
	"strings"
)

// forwardEndpoint makes a local AWS endpoint reachable in this container under the address that it has for everybody
// else on the machine, localhost, and returns that address. Functions presign URLs for the host that they know the
// endpoint by: one that only exists inside containers would make them useless to a browser. The further ports, a list
// with commas, are forwarded to the same host: what else the machine serves on localhost, such as a database. It returns
// "" where there is nothing to forward: no endpoint, one that is localhost already, or one with TLS, whose certificate
// names its host.
func forwardEndpoint(endpoint, furtherPorts string) (string, error) {
	if endpoint == "" {
		return "", nil
	}
	address, err := url.Parse(endpoint)
	if err != nil {
		return "", fmt.Errorf("AWS_ENDPOINT_URL: %w", err)
	}
	if address.Scheme != "http" || address.Hostname() == "localhost" {
		return "", nil
	}
	port := address.Port()
	if port == "" {
		port = "80"
	}
	if err := forwardPort(address.Hostname(), port); err != nil {
		return "", err
	}
	isComma := func(r rune) bool { return r == ',' }
	for _, further := range strings.FieldsFunc(furtherPorts, isComma) {
		if err := forwardPort(address.Hostname(), further); err != nil {
			return "", err
		}
	}
	address.Host = net.JoinHostPort("localhost", port)
	return address.String(), nil
}

// forwardPort makes a port of a host reachable as the same port of localhost.
func forwardPort(host, port string) error {
	target := net.JoinHostPort(host, port)
	listener, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", port))
	if err != nil {
		return fmt.Errorf("forward localhost:%s to %s: %w", port, host, err)
	}
	go forward(listener, target)
	// Clients may try localhost's IPv6 address first; containers without IPv6 have none.
	if listener, err := net.Listen("tcp", net.JoinHostPort("::1", port)); err == nil {
		go forward(listener, target)
	}
	return nil
}

// forward connects each client of the listener with the target, until the listener is closed.
func forward(listener net.Listener, target string) {
	for {
		client, err := listener.Accept()
		if err != nil {
			return
		}
		go connect(client.(*net.TCPConn), target)
	}
}

// connect copies both ways until both sides have said all that they had to say.
func connect(client *net.TCPConn, target string) {
	defer client.Close()
	connection, err := net.Dial("tcp", target)
	if err != nil {
		return // the client sees its connection closed, as by an endpoint that is down
	}
	defer connection.Close()
	server := connection.(*net.TCPConn)
	done := make(chan struct{})
	go func() {
		copyAll(server, client)
		close(done)
	}()
	copyAll(client, server)
	<-done
}

func copyAll(to, from *net.TCPConn) {
	_, _ = io.Copy(to, from) // a broken connection is one that has ended
	_ = to.CloseWrite()
	_ = from.CloseRead()
}
