package databasetest

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"time"
)

// watched becomes the server, beside a watcher that ends it and removes its files when descriptor 3 is closed. The kernel does that when
// the test binary ends, however it ends: no test leaves a server behind. The words are for a server that is stopped in order.
const watched = `dir=$1; shift
{
	read -r word <&3
	case $word in
	gone) ;;
	stop) kill -QUIT $$ ;;
	*)
		kill -QUIT $$
		while kill -0 $$; do sleep 0.1; done
		rm -rf "$dir" ;;
	esac
} >/dev/null 2>&1 </dev/null &
exec "$@" 3<&- </dev/null
`

// stopTime bounds how long a server may take to stop.
const stopTime = 20 * time.Second

// process is a server that runs.
type process struct {
	cmd   *exec.Cmd
	leash *os.File // closing it ends the server
	log   string   // file of what it says
	ended chan struct{}
	once  sync.Once
}

// launch starts the server's program.
func (s *Server) launch(owner *owner) (_ *process, err error) {
	args := []string{"-c", watched, "sh", s.dir, filepath.Join(s.bin, "postgres"), "-D", filepath.Join(s.dir, "data")}
	for name, value := range s.settings() {
		args = append(args, "-c", name+"="+value)
	}
	p := &process{log: filepath.Join(s.dir, "log"), ended: make(chan struct{})}
	held, leash, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer func() {
		_ = held.Close() // the server has its own
		if err != nil {
			_ = leash.Close() // nothing is on it
		}
	}()
	out, err := os.OpenFile(p.log, os.O_CREATE|os.O_WRONLY|os.O_TRUNC, 0o600)
	if err != nil {
		return nil, err
	}
	defer func() { _ = out.Close() }()                       // the server has its own
	p.cmd, p.leash = exec.Command("/bin/sh", args...), leash //nolint:noctx // it ends with its leash
	p.cmd.Dir, p.cmd.Stdout, p.cmd.Stderr, p.cmd.ExtraFiles = s.dir, out, out, []*os.File{held}
	owner.own(p.cmd)
	if err := p.cmd.Start(); err != nil {
		return nil, fmt.Errorf("start PostgreSQL: %w", err)
	}
	go func() {
		defer close(p.ended)
		_ = p.cmd.Wait() // it is ended by a signal
	}()
	return p, nil
}

// stop ends the server at once and waits for it.
func (p *process) stop() (err error) {
	p.once.Do(func() {
		word := "stop\n"
		select {
		case <-p.ended:
			word = "gone\n"
		default:
		}
		_, err = io.WriteString(p.leash, word)
		err = errors.Join(err, p.leash.Close())
		select {
		case <-p.ended:
		case <-time.After(stopTime):
			err = errors.Join(err, errors.New("PostgreSQL does not stop"), p.cmd.Process.Kill())
			<-p.ended
		}
	})
	return err
}

// said returns what the server has said.
func (p *process) said() string {
	text, err := os.ReadFile(p.log)
	if err != nil {
		return err.Error()
	}
	return string(text)
}
