package projections_test

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
)

// stopped is a program that is stopped and goes on, as the test has it.
type stopped struct {
	as    string
	owner string // its process id
	cmd   *exec.Cmd
	tell  io.Writer
	said  strings.Builder // on stderr; to be read once it has ended
	held  atomic.Pointer[string]
	holds int
	stops int

	listening sync.WaitGroup
	killed    sync.Once
}

func startStopped(t *testing.T, w *killWorld, as string) *stopped {
	t.Helper()
	p := &stopped{as: as, cmd: exec.Command(os.Args[0])} // it is killed by the test, not by a context
	p.cmd.Env = append(os.Environ(), killedPlace+"="+w.place, killedSocket+"="+w.socket, stoppedAs+"="+as)
	p.cmd.Stderr = &p.said
	stdin, err := p.cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	stdout, err := p.cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	p.tell, p.owner = stdin, fmt.Sprint(p.cmd.Process.Pid)
	lines := bufio.NewScanner(stdout)
	if !lines.Scan() {
		_ = p.cmd.Wait()
		t.Fatalf("the program did not begin: %s", &p.said)
	}
	p.listening.Go(func() {
		for lines.Scan() {
			if id, ok := strings.CutPrefix(lines.Text(), "held "); ok {
				p.held.Store(&id)
			}
		}
	})
	t.Cleanup(func() { p.kill(t) })
	return p
}

// kill ends it, also where it is stopped.
func (p *stopped) kill(t *testing.T) {
	t.Helper()
	p.killed.Do(func() {
		_ = p.cmd.Process.Kill() // what has become of it is asked below
		p.listening.Wait()
		_ = p.cmd.Wait()
		if status, ok := p.cmd.ProcessState.Sys().(syscall.WaitStatus); !ok || status.Signal() != syscall.SIGKILL {
			t.Errorf("the %s program has ended by itself: %v", p.as, p.cmd.ProcessState)
		}
		if t.Failed() {
			t.Logf("the %s program %s:\n%s", p.as, p.owner, &p.said)
		}
	})
}

// hold asks it to stand before or behind the next statement that has these parts, and returns how to know that it does.
func (p *stopped) hold(t *testing.T, when string, parts ...string) (stands func() bool) {
	t.Helper()
	p.holds++
	id := fmt.Sprint(p.holds)
	p.say(t, fmt.Sprintf("hold %s %s %s", id, when, strings.Join(parts, "|")))
	return func() bool {
		held := p.held.Load()
		return held != nil && *held == id
	}
}

func (p *stopped) say(t *testing.T, line string) {
	t.Helper()
	if _, err := fmt.Fprintln(p.tell, line); err != nil {
		t.Fatalf("the %s program has ended: %v", p.as, err)
	}
}

// stop stops it, and sees to it that it is stopped.
func (p *stopped) stop(t *testing.T) {
	t.Helper()
	p.signal(t, syscall.SIGSTOP)
	until(t, "the program is stopped", func() bool { return p.state(t) == "T" })
	p.stops++
}

// goOn lets it go on, also from where it was held.
func (p *stopped) goOn(t *testing.T) {
	t.Helper()
	if state := p.state(t); state != "T" {
		t.Errorf("the program was to be stopped all the time, and is in state %s", state)
	}
	p.say(t, "go")
	p.signal(t, syscall.SIGCONT)
}

func (p *stopped) signal(t *testing.T, s syscall.Signal) {
	t.Helper()
	if err := p.cmd.Process.Signal(s); err != nil {
		t.Fatalf("%v: %v", s, err)
	}
}

// state is a letter (https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html): T is stopped.
func (p *stopped) state(t *testing.T) string {
	t.Helper()
	text, err := os.ReadFile("/proc/" + p.owner + "/stat")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(text), ") ")
	return rest[:1]
}
