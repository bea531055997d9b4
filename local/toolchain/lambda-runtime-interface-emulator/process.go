package main

import (
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
)

// process is the runtime client, started again whenever an invocation finds it gone.
type process struct {
	command []string
	env     []string

	mutex   sync.Mutex
	running *exec.Cmd
	exited  chan struct{} // closed when the running process has ended
	failure string        // how it ended
}

// ensure starts the process unless it runs. The channel that it returns is closed when the process ends.
func (p *process) ensure() (exited <-chan struct{}, started bool, err error) {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	if p.running != nil {
		return p.exited, false, nil
	}
	command := exec.Command(p.command[0], p.command[1:]...)
	command.Env, command.Stdout, command.Stderr = p.env, os.Stdout, os.Stderr
	if err := command.Start(); err != nil {
		return nil, false, err
	}
	ended := make(chan struct{})
	p.running, p.exited = command, ended
	go func() {
		err := command.Wait()
		p.mutex.Lock()
		p.running, p.failure = nil, "exit status 0"
		if err != nil {
			p.failure = err.Error()
		}
		p.mutex.Unlock()
		close(ended)
	}()
	return ended, true, nil
}

// kill ends the process and waits until it is gone.
func (p *process) kill() {
	p.mutex.Lock()
	running, exited := p.running, p.exited
	p.mutex.Unlock()
	if running != nil {
		running.Process.Kill()
		<-exited
	}
}

func (p *process) lastFailure() string {
	p.mutex.Lock()
	defer p.mutex.Unlock()
	return p.failure
}

// peakMegabytes is the most memory that the running process has held; 0 where there is none.
func (p *process) peakMegabytes() int {
	p.mutex.Lock()
	running := p.running
	p.mutex.Unlock()
	if running == nil {
		return 0
	}
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", running.Process.Pid))
	if err != nil {
		return 0
	}
	_, peak, _ := strings.Cut(string(status), "VmHWM:")
	var kilobytes int
	fmt.Sscanf(peak, "%d kB", &kilobytes)
	return kilobytes / 1024
}
