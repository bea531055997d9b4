package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"time"
)

// runtime is one process of the runtime client, and what is known about it.
type runtime struct {
	command *exec.Cmd
	started time.Time
	next    chan *invocation // what the runtime asks for
	ready   chan struct{}    // closed when the runtime asks for the first time: its initialization is over
	exited  chan struct{}    // closed when the process has ended

	mutex          sync.Mutex
	initialization time.Duration // how long it took, until it is reported
	initFailure    *result       // what the runtime said about its initialization that failed
}

// startRuntime starts the runtime client in a process group of its own, so that what it started ends with it.
func startRuntime(command, environment []string, output io.Writer) (*runtime, error) {
	process := exec.Command(command[0], command[1:]...)
	process.Env, process.Stdout, process.Stderr = environment, output, output
	process.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	r := &runtime{
		command: process,
		started: time.Now(),
		next:    make(chan *invocation),
		ready:   make(chan struct{}),
		exited:  make(chan struct{}),
	}
	if err := process.Start(); err != nil {
		return nil, err
	}
	go func() {
		_ = process.Wait() // process.ProcessState tells how it ended
		close(r.exited)
	}()
	return r, nil
}

// initialized notes that the runtime asks for an invocation.
func (r *runtime) initialized() {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	select {
	case <-r.ready:
	default:
		r.initialization = time.Since(r.started)
		close(r.ready)
	}
}

// takeInitialization returns how long the initialization took, once: it belongs into the first invocation's report.
func (r *runtime) takeInitialization() time.Duration {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	taken := r.initialization
	r.initialization = 0
	return taken
}

// failedToInitialize notes what the runtime reports before it ends.
func (r *runtime) failedToInitialize(failure result) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	r.initFailure = &failure
}

// failure says why the runtime, which has ended, did.
func (r *runtime) failure(requestID string) result {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	if r.initFailure != nil {
		return *r.initFailure
	}
	reason := "Runtime exited without providing a reason"
	if !r.command.ProcessState.Success() {
		reason = "Runtime exited with error: " + r.command.ProcessState.String()
	}
	return platformFailure("Runtime.ExitError", requestID, reason)
}

func (r *runtime) isAlive() bool {
	select {
	case <-r.exited:
		return false
	default:
		return true
	}
}

// end asks the runtime and all that it started to end, forces them to after a while, and waits until they are gone.
func (r *runtime) end(patience time.Duration) {
	if patience > 0 {
		r.signal(syscall.SIGTERM)
		select {
		case <-r.exited:
		case <-time.After(patience):
		}
	}
	r.signal(syscall.SIGKILL)
	<-r.exited
}

func (r *runtime) signal(signal syscall.Signal) {
	err := syscall.Kill(-r.command.Process.Pid, signal)
	if err != nil && !errors.Is(err, syscall.ESRCH) {
		fmt.Fprintf(os.Stderr, "signal the runtime: %v\n", err)
	}
}

// peakMegabytes is the most memory that the process has held.
func (r *runtime) peakMegabytes() int64 {
	if !r.isAlive() {
		return r.command.ProcessState.SysUsage().(*syscall.Rusage).Maxrss / 1024
	}
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", r.command.Process.Pid))
	if err != nil {
		return 0
	}
	_, peak, _ := strings.Cut(string(status), "VmHWM:")
	var kilobytes int64
	_, _ = fmt.Sscanf(peak, "%d kB", &kilobytes)
	return kilobytes / 1024
}
