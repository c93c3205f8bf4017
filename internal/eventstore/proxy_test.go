package eventstore_test

import (
	"context"
	"errors"
	"io"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/mem"
)

// fault is what the proxy does to one call. A nil field does nothing.
type fault struct {
	// before is called instead of forwarding when it returns an error, which is then the answer; errCut cuts the line.
	before func(ctx context.Context) error
	// early: before comes ahead of the request, not when all of it has been read.
	early bool
	// after is called when the node has answered, and its error replaces the answer: the node has done what it was asked.
	after func(ctx context.Context) error
}

// errCut makes the proxy cut every connection, as a crash of the machine in between would.
var errCut = errors.New("cut")

// proxy stands between the store and a node, forwards gRPC calls message by message, and injects faults into the appends.
type proxy struct {
	socket   string
	upstream *grpc.ClientConn
	// onAppend, onRead: the fault of each call, by its number from 1.
	onAppend, onRead func(n int) fault
	appends, reads   atomic.Int64
	accepted, open   atomic.Int64 // connections
	mu               sync.Mutex
	conns            map[net.Conn]struct{}
}

func newProxy(tb testing.TB, n *node) *proxy {
	tb.Helper()
	dir, err := os.MkdirTemp("", "px") //nolint:usetesting // the path of a socket must be short
	if err != nil {
		tb.Fatal(err)
	}
	up, err := grpc.NewClient("unix://"+n.socket, grpc.WithTransportCredentials(insecure.NewCredentials()),
		grpc.WithDefaultCallOptions(grpc.ForceCodecV2(rawCodec{}), grpc.MaxCallRecvMsgSize(20<<20), grpc.WaitForReady(true)))
	if err != nil {
		tb.Fatal(err)
	}
	p := &proxy{socket: filepath.Join(dir, "p"), upstream: up, conns: map[net.Conn]struct{}{}}
	lis, err := (&net.ListenConfig{}).Listen(tb.Context(), "unix", p.socket)
	if err != nil {
		tb.Fatal(err)
	}
	srv := grpc.NewServer(grpc.UnknownServiceHandler(p.forward), grpc.ForceServerCodecV2(rawCodec{}), grpc.MaxRecvMsgSize(20<<20))
	served := make(chan error, 1)
	go func() { served <- srv.Serve(trackingListener{lis, p}) }()
	tb.Cleanup(func() {
		srv.Stop()
		if err := <-served; err != nil {
			tb.Errorf("serve proxy: %v", err)
		}
		_ = up.Close()
		_ = os.RemoveAll(dir)
	})
	return p
}

// forward carries one call, whatever its method.
func (p *proxy) forward(_ any, down grpc.ServerStream) error {
	method, _ := grpc.MethodFromServerStream(down)
	ctx, cancel := context.WithCancel(down.Context())
	defer cancel()
	f := p.faultOf(method)
	if f.before != nil {
		if !f.early {
			_ = copyMessages(down.RecvMsg, func(any) error { return nil })
		}
		if err := f.before(ctx); err != nil {
			return p.answer(err)
		}
	}
	up, err := p.upstream.NewStream(ctx, &grpc.StreamDesc{ServerStreams: true, ClientStreams: true}, method)
	if err != nil {
		return err
	}
	var sending sync.WaitGroup
	sending.Go(func() {
		if copyMessages(down.RecvMsg, up.SendMsg) == nil {
			_ = up.CloseSend()
		}
	})
	defer sending.Wait()
	defer cancel()
	err = copyMessages(up.RecvMsg, func(m any) error {
		if f.after != nil {
			if err := f.after(ctx); err != nil {
				return err
			}
		}
		return down.SendMsg(m)
	})
	down.SetTrailer(up.Trailer())
	return p.answer(err)
}

func (p *proxy) faultOf(method string) fault {
	switch {
	case strings.HasSuffix(method, "Streams/Append"):
		if n := p.appends.Add(1); p.onAppend != nil {
			return p.onAppend(int(n))
		}
	case strings.HasSuffix(method, "Streams/Read"):
		if n := p.reads.Add(1); p.onRead != nil {
			return p.onRead(int(n))
		}
	}
	return fault{}
}

func (p *proxy) answer(err error) error {
	if errors.Is(err, errCut) {
		p.cut()
	}
	return err
}

// cut breaks all connections.
func (p *proxy) cut() {
	p.mu.Lock()
	defer p.mu.Unlock()
	for c := range p.conns {
		_ = c.Close()
	}
}

// copyMessages returns nil when from has ended in order.
func copyMessages(from, to func(any) error) error {
	for {
		var m []byte
		err := from(&m)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := to(&m); err != nil {
			return err
		}
	}
}

// rawCodec leaves messages as they are.
type rawCodec struct{}

func (rawCodec) Marshal(v any) (mem.BufferSlice, error) {
	return mem.BufferSlice{mem.SliceBuffer(*v.(*[]byte))}, nil
}

func (rawCodec) Unmarshal(data mem.BufferSlice, v any) error {
	*v.(*[]byte) = data.Materialize()
	return nil
}

func (rawCodec) Name() string { return "proto" }

type trackingListener struct {
	net.Listener
	p *proxy
}

func (l trackingListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	l.p.accepted.Add(1)
	l.p.open.Add(1)
	l.p.mu.Lock()
	defer l.p.mu.Unlock()
	l.p.conns[c] = struct{}{}
	return &trackedConn{Conn: c, p: l.p}, nil
}

type trackedConn struct {
	net.Conn
	p    *proxy
	once sync.Once
}

func (c *trackedConn) Close() error {
	c.once.Do(func() {
		c.p.open.Add(-1)
		c.p.mu.Lock()
		defer c.p.mu.Unlock()
		delete(c.p.conns, c.Conn)
	})
	return c.Conn.Close()
}
