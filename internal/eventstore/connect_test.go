package eventstore_test

import (
	"context"
	"crypto/tls"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	"github.com/royalglow/booking/internal/esdbnode"
	"github.com/royalglow/booking/internal/eventstore"
	"github.com/royalglow/booking/internal/eventstore/storetest"
)

// places are servers of all kinds, on loopback.
type places struct {
	closed, silent, rude string // nobody listens; nobody speaks; who comes is cut off
	web, secureWeb       string // HTTP/1.1
	secureWeb2           string // HTTP/2
	grpc                 string // gRPC, without an event store
	unready              string // a store that is not ready yet
	plain, secure        string // a store
	authority            string // the file with the certificates' authority
}

func newPlaces(t *testing.T) places {
	t.Helper()
	lis := listen(t)
	p := places{closed: lis.Addr().String()}
	if err := lis.Close(); err != nil {
		t.Fatal(err)
	}
	lis = listen(t)
	t.Cleanup(func() { _ = lis.Close() })
	p.silent = lis.Addr().String()

	web, secureWeb, secureWeb2 := newWeb(t), newWeb(t), newWeb(t)
	web.Start()
	secureWeb.StartTLS()
	secureWeb2.EnableHTTP2 = true
	secureWeb2.StartTLS()
	address := func(s *httptest.Server) string { return s.Listener.Addr().String() }
	p.web, p.secureWeb, p.secureWeb2 = address(web), address(secureWeb), address(secureWeb2)
	p.rude = serveRudely(t)
	p.grpc = serveGRPC(t, grpc.NewServer())
	p.unready = serveGRPC(t, grpc.NewServer(grpc.UnknownServiceHandler(func(any, grpc.ServerStream) error {
		return status.Error(codes.Unavailable, "Server Is Not Ready")
	})))

	n := newNode(t)
	p.plain = serveNode(t, n, esdbnode.Access{})
	p.secure = serveNode(t, n, esdbnode.Access{
		Password: "correct", TLS: &tls.Config{Certificates: secureWeb.TLS.Certificates, MinVersion: tls.VersionTLS12},
	})
	p.authority = filepath.Join(t.TempDir(), "authority.pem")
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: secureWeb.Certificate().Raw})
	if err := os.WriteFile(p.authority, text, 0o600); err != nil {
		t.Fatal(err)
	}
	return p
}

func newWeb(t *testing.T) *httptest.Server {
	t.Helper()
	web := httptest.NewUnstartedServer(http.NotFoundHandler())
	web.Config.ErrorLog = log.New(io.Discard, "", 0) // it is called by what it does not understand
	t.Cleanup(web.Close)
	return web
}

func listen(t *testing.T) net.Listener {
	t.Helper()
	lis, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return lis
}

// serveRudely ends every connection at once.
func serveRudely(t *testing.T) (address string) {
	t.Helper()
	lis := listen(t)
	served := make(chan struct{})
	go func() {
		defer close(served)
		for {
			c, err := lis.Accept()
			if err != nil {
				return
			}
			_ = c.Close()
		}
	}()
	t.Cleanup(func() { _ = lis.Close(); <-served })
	return lis.Addr().String()
}

func serveGRPC(t *testing.T, srv *grpc.Server) (address string) {
	t.Helper()
	lis := listen(t)
	served := make(chan error, 1)
	go func() { served <- srv.Serve(lis) }()
	t.Cleanup(func() {
		srv.Stop()
		if err := <-served; err != nil && !errors.Is(err, grpc.ErrServerStopped) {
			t.Errorf("serve: %v", err)
		}
	})
	return lis.Addr().String()
}

func serveNode(t *testing.T, n *node, access esdbnode.Access) (address string) {
	t.Helper()
	lis := listen(t)
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	served := make(chan error, 1)
	go func() { served <- n.node.Serve(ctx, lis, access) }()
	t.Cleanup(func() {
		cancel()
		if err := <-served; err != nil && !errors.Is(err, grpc.ErrServerStopped) {
			t.Errorf("serve: %v", err)
		}
	})
	return lis.Addr().String()
}

// What a store cannot be used for is told by gRPC in a paragraph, and by its text alone: with another version of it the texts must be
// looked at again.
func TestAStoreThatCannotBeUsedIsToldOfInOneSentence(t *testing.T) {
	p := newPlaces(t)
	trusted := "?gossipTimeout=1&tlsCaFile=" + p.authority
	const plain, patience = "?gossipTimeout=1&tls=false", 500 * time.Millisecond
	var all sync.WaitGroup
	for name, c := range map[string]struct {
		url  string
		says string
		// refused: the store has answered, and another try will not fare better.
		refused bool
	}{
		"nobody listens":             {url: p.closed + plain, says: p.closed + " cannot be used: nothing answers there (connection refused)"},
		"nobody listens for TLS":     {url: p.closed + trusted, says: "nothing answers there (connection refused)"},
		"nobody speaks":              {url: p.silent + plain, says: "it does not answer in time"},
		"nobody speaks TLS":          {url: p.silent + trusted, says: "it does not answer in time"},
		"who comes is cut off":       {url: p.rude + plain, says: "it hangs up"},
		"who comes is cut off, TLS":  {url: p.rude + trusted, says: "TLS"},
		"a web server":               {url: p.web + plain, says: "what answers there is no EventStoreDB"},
		"a web server with TLS":      {url: p.secureWeb + trusted, says: "what answers there is no EventStoreDB"},
		"a web server with HTTP/2":   {url: p.secureWeb2 + trusted, says: "what answers there is no EventStoreDB", refused: true},
		"another service":            {url: p.grpc + plain, says: "what answers there is no EventStoreDB", refused: true},
		"a store that is not ready":  {url: p.unready + plain, says: "it answers: Server Is Not Ready"},
		"TLS asked of a plain store": {url: "admin:SENSITIVE@" + p.plain + trusted, says: "it does not speak TLS"},
		"no TLS with one that has":   {url: p.secure + plain, says: "wants TLS: its URL says tls=false"},
		"a stranger's certificate":   {url: "admin:SENSITIVE@" + p.secure + "?gossipTimeout=1", says: "its certificate is not trusted (certificate"},
		"a wrong password":           {url: "admin:SENSITIVE@" + p.secure + trusted, says: `it does not let user "admin" in with the password given`, refused: true},
		"no password":                {url: p.secure + trusted, says: "it asks for a user and a password", refused: true},
		"no node of several":         {url: p.closed + "," + p.closed + plain, says: "at " + p.closed + ", " + p.closed + " cannot be used: nothing answers there"},
		"no cluster":                 {url: p.grpc + "," + p.grpc + plain, says: "what answers there is no EventStoreDB"},
	} {
		all.Go(func() {
			s := open(t, eventstore.Config{ConnectionString: "esdb://" + c.url, Patience: patience})
			why := cannotBeUsed(t, s, c.says)
			if why == nil || !strings.Contains(why.Error(), c.says) || errors.Is(why, eventstore.ErrUnavailable) == c.refused {
				t.Errorf("%s: %v; unavailable: %t", name, why, errors.Is(why, eventstore.ErrUnavailable))
				return
			}
			inOneSentence(t, why)
			if c.refused {
				return
			}
			_, err := s.Append(t.Context(), storetest.Sample("br_refused", eventstore.NoStream, 1))
			if !errors.Is(err, eventstore.ErrUnavailable) || errors.Is(err, eventstore.ErrInDoubt) {
				t.Errorf("%s: append: %v", name, err)
			}
			inOneSentence(t, err)
		})
	}
	all.Wait()
	for name, url := range map[string]string{"plain": p.plain + plain, "secure": "admin:correct@" + p.secure + trusted} {
		if err := open(t, eventstore.Config{ConnectionString: "esdb://" + url}).Connect(t.Context()); err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
}

// cannotBeUsed asks until it is told something, or what is to be said: on a busy machine an attempt takes longer than anybody waits.
func cannotBeUsed(t *testing.T, s *eventstore.Store, says string) (why error) {
	t.Helper()
	for deadline := time.Now().Add(20 * time.Second); ; {
		why = s.Connect(t.Context())
		if why == nil || strings.Contains(why.Error(), says) || !strings.Contains(why.Error(), "in time") || time.Now().After(deadline) {
			return why
		}
	}
}

func inOneSentence(t *testing.T, err error) {
	t.Helper()
	if text := err.Error(); strings.ContainsAny(text, "\n[") || strings.Contains(text, "desc =") || strings.Contains(text, "SENSITIVE") {
		t.Errorf("error %q", text)
	}
}

// Names are looked up elsewhere, which a test cannot rely on.
func TestANameThatNobodyKnowsIsToldOf(t *testing.T) {
	for text, says := range map[string]string{
		"name resolver error: produced zero addresses":                                                          "there is no host of that name",
		`connection error: desc = "transport: Error while dialing: dial tcp: lookup x on y:53: no such host"`:   "there is no host of that name",
		"name resolver error: dns: A record lookup error: lookup x.invalid on 127.0.0.1:53: server misbehaving": "its name cannot be looked up (server misbehaving)",
	} {
		if got := eventstore.Reason(fmt.Errorf("connect: %w", status.Error(codes.Unavailable, text))); got != says {
			t.Errorf("%q becomes %q, want %q", text, got, says)
		}
	}
}

// A node that is asked for its neighbours and says nothing keeps the library busy for as long as gossipTimeout says, whoever waits.
func TestASilentStoreDoesNotKeepOthersFromClosing(t *testing.T) {
	lis := listen(t)
	defer func() { _ = lis.Close() }() // lets the library go
	s, err := eventstore.Open(eventstore.Config{
		ConnectionString: "esdb://" + lis.Addr().String() + "?tls=false&gossipTimeout=60", Patience: 50 * time.Millisecond,
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Connect(t.Context()); !errors.Is(err, eventstore.ErrUnavailable) {
		t.Errorf("connect: %v", err)
	}
	began := time.Now()
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	if took := time.Since(began); took > 2*time.Second+slack {
		t.Errorf("closing took %v", took)
	}
}

func TestACauseWithoutAColonIsKeptWhole(t *testing.T) {
	for text, want := range map[string]string{"lookup x: server misbehaving": "server misbehaving", "lookup failed": "lookup failed"} {
		if got := eventstore.Reason(status.Error(codes.Unavailable, text)); !strings.HasSuffix(got, " ("+want+")") {
			t.Errorf("of %q there is %q", text, got)
		}
	}
}
