package databasetest

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"
)

// Server is a PostgreSQL server on a loopback port and in a folder of its own. It lets everybody in who can reach it, but for the user
// Guarded, who needs GuardedPassword.
type Server struct {
	bin    string // folder of the programs
	dir    string // everything that it writes
	fsync  bool
	port   int
	admin  string // URL of the database "postgres"
	run    *process
	mu     sync.Mutex
	copied map[string]string // name of the template → its name, once it is migrated
	made   int               // databases
}

// The one user who needs a password.
const (
	Guarded         = "guarded"
	GuardedPassword = "open sesame"
)

// startTime bounds how long a server may take to start.
const startTime = time.Minute

// NewServer starts a server for one test, which may stop and start it; it is removed when the test ends. Benchmarks ask for fsync, without
// which the server may lose what it has committed when the machine stops.
func NewServer(tb testing.TB, fsync bool) *Server {
	tb.Helper()
	need(tb)
	s, err := start(fsync)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() {
		if err := s.close(); err != nil {
			tb.Error(err)
		}
	})
	return s
}

func start(fsync bool) (_ *Server, err error) {
	s := &Server{fsync: fsync, copied: map[string]string{}}
	if s.bin, err = binaries(); err != nil {
		return nil, err
	}
	owner, err := serverUser()
	if err != nil {
		return nil, err
	}
	if s.dir, err = owner.folder(); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, s.close())
		}
	}()
	if err := s.init(owner); err != nil {
		return nil, err
	}
	return s, s.Start()
}

// init makes the server's files.
func (s *Server) init(owner *owner) error {
	data := filepath.Join(s.dir, "data")
	//nolint:noctx // it ends by itself, in a second
	cmd := exec.Command(filepath.Join(s.bin, "initdb"), "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8",
		"--locale=C", "--no-sync", "--no-instructions")
	owner.own(cmd)
	cmd.Dir = s.dir
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("initdb: %w: %s", err, out)
	}
	rules := "host all " + Guarded + " 127.0.0.1/32 scram-sha-256\nhost all all 127.0.0.1/32 trust\n"
	return os.WriteFile(filepath.Join(data, "pg_hba.conf"), []byte(rules), 0o600)
}

// settings are the server's; what is not listed is as in production.
func (s *Server) settings() map[string]string {
	set := map[string]string{
		"listen_addresses": "127.0.0.1", "port": strconv.Itoa(s.port), "unix_socket_directories": "",
		"max_connections": "300", "shared_buffers": "128MB", "max_wal_size": "1GB", "dynamic_shared_memory_type": "mmap",
		"log_min_messages": "fatal", "logging_collector": "off",
	}
	if !s.fsync {
		set["fsync"], set["full_page_writes"] = "off", "off"
	}
	return set
}

// Start starts the server after Stop, on the port that it had.
func (s *Server) Start() (err error) {
	owner, err := serverUser()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), startTime)
	defer cancel()
	// Somebody else may take a port between its choice and its use.
	for again := s.port == 0; ; {
		if again {
			if s.port, err = freePort(); err != nil {
				return err
			}
		}
		s.admin = fmt.Sprintf("postgres://postgres@127.0.0.1:%d/postgres?sslmode=disable", s.port)
		if s.run, err = s.launch(owner); err != nil {
			return err
		}
		if err = s.ready(ctx); err == nil || !again || ctx.Err() != nil {
			return err
		}
	}
}

func freePort() (int, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // it binds a port and returns
	if err != nil {
		return 0, err
	}
	defer func() { _ = l.Close() }() // nothing was written
	addr, ok := l.Addr().(*net.TCPAddr)
	if !ok {
		return 0, errors.New("no port")
	}
	return addr.Port, nil
}

// ready waits until the server answers.
func (s *Server) ready(ctx context.Context) error {
	for {
		err := s.do(ctx, "SELECT 1")
		if err == nil {
			return s.do(ctx, fmt.Sprintf(`DO $$ BEGIN
				CREATE ROLE %s LOGIN SUPERUSER PASSWORD '%s'; EXCEPTION WHEN duplicate_object THEN NULL; END $$`, Guarded, GuardedPassword))
		}
		select {
		case <-s.run.ended:
			return fmt.Errorf("PostgreSQL ended by itself: %s", s.run.said())
		case <-ctx.Done():
			return errors.Join(fmt.Errorf("PostgreSQL does not answer: %w: %s", err, s.run.said()), s.Stop())
		case <-time.After(10 * time.Millisecond):
		}
	}
}

// do runs statements, as the superuser and each in a transaction of its own.
func (s *Server) do(ctx context.Context, statements ...string) (err error) {
	conn, err := pgx.Connect(ctx, s.admin)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, conn.Close(ctx)) }()
	for _, sql := range statements {
		if _, err := conn.Exec(ctx, sql); err != nil {
			return err
		}
	}
	return nil
}

// Stop ends the server at once, as a power cut would: who is connected is hung up on.
func (s *Server) Stop() error {
	if s.run == nil {
		return nil
	}
	err := s.run.stop()
	s.run = nil
	return err
}

func (s *Server) close() error { return errors.Join(s.Stop(), os.RemoveAll(s.dir)) }
