package console_test

import (
	"io"
	"net"
	"os"
	"strconv"
	"sync"
	"syscall"
	"testing"
)

// front is what the page finds where it looks for Ably: at first a port that nobody listens on, later one that takes
// connections and says nothing, or one behind which Ably's endpoint is. The publisher does not go through it.
type front struct {
	t      *testing.T
	socket int // bound from the start, so that nobody else can take the port
	addr   string
	behind string // host:port of the endpoint

	mu     sync.Mutex
	ln     net.Listener
	passes bool
	conns  map[net.Conn]bool // those of the page
	wg     sync.WaitGroup
}

// newFront takes a port on which connections are refused.
func newFront(t *testing.T) *front {
	t.Helper()
	socket, err := syscall.Socket(syscall.AF_INET, syscall.SOCK_STREAM|syscall.SOCK_CLOEXEC, 0)
	check(t, err)
	check(t, syscall.Bind(socket, &syscall.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}))
	name, err := syscall.Getsockname(socket)
	check(t, err)
	inet, _ := name.(*syscall.SockaddrInet4)
	f := &front{t: t, socket: socket, addr: net.JoinHostPort("127.0.0.1", strconv.Itoa(inet.Port)), conns: map[net.Conn]bool{}}
	t.Cleanup(f.close)
	return f
}

// hang begins to take connections and answers none.
func (f *front) hang() {
	f.t.Helper()
	check(f.t, syscall.Listen(f.socket, 64))
	file := os.NewFile(uintptr(f.socket), "front")
	ln, err := net.FileListener(file) // a copy
	check(f.t, err)
	check(f.t, file.Close())
	f.mu.Lock()
	f.ln, f.socket = ln, -1
	f.mu.Unlock()
	f.wg.Go(func() {
		for {
			c, err := ln.Accept()
			if err != nil {
				return // closed
			}
			f.take(c)
		}
	})
}

func (f *front) take(c net.Conn) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.conns[c] = true
	if !f.passes {
		return
	}
	back, err := new(net.Dialer).DialContext(f.t.Context(), "tcp", f.behind)
	if err != nil {
		_ = c.Close() // the test is over
		return
	}
	f.conns[back] = true
	for _, pair := range [][2]net.Conn{{c, back}, {back, c}} {
		f.wg.Go(func() {
			_, _ = io.Copy(pair[0], pair[1]) // a cut is part of the test
			_ = pair[0].Close()
		})
	}
}

// pass lets new connections through, and ends those that hung.
func (f *front) pass() { f.turn(true) }

// cut ends all connections; new ones hang.
func (f *front) cut() { f.turn(false) }

func (f *front) turn(passes bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.passes = passes
	for c := range f.conns {
		_ = c.Close()
	}
	clear(f.conns)
}

// taken is how many of the page's connections are held.
func (f *front) taken() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.conns)
}

func (f *front) close() {
	f.cut()
	f.mu.Lock()
	if f.ln != nil {
		_ = f.ln.Close()
	} else {
		_ = syscall.Close(f.socket)
	}
	f.mu.Unlock()
	f.wg.Wait()
	f.cut() // what was accepted meanwhile
}
