package esdbnode_test

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"math/big"
	"net"
	"testing"
	"time"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"

	"github.com/royalglow/booking/internal/esdbnode"
)

// selfSigned makes a certificate for 127.0.0.1 and the pool that trusts it.
func selfSigned(tb testing.TB) (*tls.Config, *x509.CertPool) {
	tb.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		tb.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)}, IsCA: true, BasicConstraintsValid: true,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		tb.Fatal(err)
	}
	cert, err := x509.ParseCertificate(der)
	if err != nil {
		tb.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(cert)
	return &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}, MinVersion: tls.VersionTLS12}, pool
}

// serveTCP serves the node on loopback and gives the port.
func serveTCP(tb testing.TB, n *testNode, access esdbnode.Access) int {
	tb.Helper()
	lis, err := new(net.ListenConfig).Listen(tb.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		tb.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.WithoutCancel(tb.Context()))
	served := make(chan error, 1)
	go func() { served <- n.Serve(ctx, lis, access) }()
	tb.Cleanup(func() {
		cancel()
		if err := <-served; err != nil {
			tb.Errorf("serve: %v", err)
		}
	})
	addr, ok := lis.Addr().(*net.TCPAddr)
	if !ok {
		tb.Fatalf("listener has address %v", lis.Addr())
	}
	return addr.Port
}

func dialURL(tb testing.TB, url string, change func(*esdb.Configuration)) *esdb.Client {
	tb.Helper()
	cfg, err := esdb.ParseConnectionString(url)
	if err != nil {
		tb.Fatal(err)
	}
	cfg.Logger = esdb.NoopLogging()
	if change != nil {
		change(cfg)
	}
	client, err := esdb.NewClient(cfg)
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = client.Close() })
	return client
}

func tryAppend(tb testing.TB, client *esdb.Client) error {
	tb.Helper()
	_, err := client.AppendToStream(tb.Context(), "s", esdb.AppendToStreamOptions{ExpectedRevision: esdb.Any{}}, events(1)...)
	return err
}

func TestTheNodeIsServedOverTLSWithAPassword(t *testing.T) {
	n := startNode(t, esdbnode.Config{})
	config, pool := selfSigned(t)
	port := serveTCP(t, n, esdbnode.Access{TLS: config, Password: "correct"})
	trust := func(c *esdb.Configuration) { c.RootCAs = pool }

	good := dialURL(t, fmt.Sprintf("esdb://admin:correct@127.0.0.1:%d", port), trust)
	if err := tryAppend(t, good); err != nil {
		t.Fatal(err)
	}
	sub, err := good.SubscribeToAll(t.Context(), esdb.SubscribeToAllOptions{From: esdb.Start{}})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = sub.Close() }()
	new(seen).until(t, sub, isCaughtUp)

	for _, user := range []string{"admin:wrong@", "other:correct@", ""} {
		bad := dialURL(t, fmt.Sprintf("esdb://%s127.0.0.1:%d", user, port), trust)
		wantCode(t, tryAppend(t, bad), esdb.ErrorCodeUnauthenticated)
		_, err := bad.SubscribeToAll(t.Context(), esdb.SubscribeToAllOptions{})
		wantCode(t, err, esdb.ErrorCodeUnauthenticated)
	}
	if version, err := good.GetServerVersion(); err != nil || version.Major != 24 {
		t.Fatalf("the version is %v, %v", version, err)
	}
}

func TestAClientThatDiscoversAClusterFindsTheNode(t *testing.T) {
	n := startNode(t, esdbnode.Config{})
	port := serveTCP(t, n, esdbnode.Access{})
	// Two seeds switch the client to gossip.
	client := dialURL(t, fmt.Sprintf("esdb://127.0.0.1:%d,127.0.0.1:%d?tls=false", port, port), nil)
	if err := tryAppend(t, client); err != nil {
		t.Fatal(err)
	}
}

func TestListenersThatOthersReachNeedTLSAndAPassword(t *testing.T) {
	n := startNode(t, esdbnode.Config{})
	config, _ := selfSigned(t)
	for _, tc := range []struct {
		name, address string
		access        esdbnode.Access
		want          error
	}{
		{"all addresses, open", "0.0.0.0:0", esdbnode.Access{}, esdbnode.ErrInsecureListener},
		{"all addresses, no password", "0.0.0.0:0", esdbnode.Access{TLS: config}, esdbnode.ErrInsecureListener},
		{"all addresses, no tls", "0.0.0.0:0", esdbnode.Access{Password: "p"}, esdbnode.ErrPasswordWithoutTLS},
		{"loopback, no tls", "127.0.0.1:0", esdbnode.Access{Password: "p"}, esdbnode.ErrPasswordWithoutTLS},
	} {
		t.Run(tc.name, func(t *testing.T) {
			lis := fakeListener{address: tc.address}
			if err := n.Serve(t.Context(), lis, tc.access); !errors.Is(err, tc.want) {
				t.Fatalf("got error %v", err)
			}
		})
	}
}

// fakeListener has an address without listening there: tests keep to loopback.
type fakeListener struct{ address string }

func (fakeListener) Accept() (net.Conn, error) { return nil, net.ErrClosed }
func (fakeListener) Close() error              { return nil }
func (l fakeListener) Addr() net.Addr {
	addr, err := net.ResolveTCPAddr("tcp", l.address)
	if err != nil {
		return &net.TCPAddr{}
	}
	return addr
}

func TestAStoppedServeLeavesTheOthersRunning(t *testing.T) {
	n := startNode(t, esdbnode.Config{})
	lis := listenUnix(t, socketPath(t))
	ctx, cancel := context.WithCancel(t.Context())
	served := make(chan error, 1)
	go func() { served <- n.Serve(ctx, lis, esdbnode.Access{}) }()
	cancel()
	if err := <-served; err != nil {
		t.Fatal(err)
	}
	n.append(t, "s", esdb.NoStream{}, events(1)...)
	if err := n.Close(); err != nil {
		t.Fatal(err)
	}
	if err := n.Serve(t.Context(), listenUnix(t, socketPath(t)), esdbnode.Access{}); !errors.Is(err, esdbnode.ErrClosed) {
		t.Fatalf("serve on a closed node: %v", err)
	}
}
