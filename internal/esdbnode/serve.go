package esdbnode

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	"sync"
	"time"

	"github.com/EventStore/EventStore-Client-Go/v4/protos/gossip"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/serverfeatures"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/streams"
	"google.golang.org/grpc"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/keepalive"
)

const (
	// maxMessageBytes fits the largest event a client may send: it accepts as much.
	maxMessageBytes = 17 << 20

	// minPingInterval must be below the client's 10 seconds: gRPC's own default takes
	// such a client for hostile and hangs up after half a minute of silence.
	minPingInterval = 5 * time.Second

	// DefaultUser is the name that goes with Access.Password unless Access.User is set.
	DefaultUser = "admin"
)

// Access says who may use a listener. The zero value lets everybody in who can reach
// it, which is right for a unix socket in a private folder and for loopback.
type Access struct {
	// TLS encrypts the listener. Nil: plaintext.
	TLS *tls.Config

	// User and Password must come with every call (Basic authentication), except those
	// by which a client finds out about the server. They need TLS. User defaults to
	// DefaultUser; an empty Password lets everybody in.
	User, Password string

	// AdvertiseHost is the host name that gossip gives to clients, when the address
	// that they reached is not the name in the certificate.
	AdvertiseHost string
}

// Serve answers calls on the listener until ctx ends or the node is closed, and then
// drains. It closes the listener. Several may run at once on different listeners.
//
// It returns nil after an orderly stop, ErrInsecureListener or ErrPasswordWithoutTLS
// without having served, ErrClosed on a closed node, else what broke the listener.
func (n *Node) Serve(ctx context.Context, lis net.Listener, access Access) error {
	leave, err := n.enter()
	if err == nil {
		defer leave()
		err = access.check(lis)
	}
	if err != nil {
		_ = lis.Close()
		return fmt.Errorf("serve event store on %s: %w", lis.Addr(), err)
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	srv := n.newServer(ctx, access)

	var stopper sync.WaitGroup
	stopper.Go(func() {
		select {
		case <-ctx.Done():
		case <-n.closing:
			cancel() // subscriptions listen to ctx
		}
		drain(srv, n.cfg.DrainTimeout)
	})
	err = srv.Serve(lis)
	cancel()
	stopper.Wait()
	if err != nil && !errors.Is(err, grpc.ErrServerStopped) { // the stop may come before the start
		return fmt.Errorf("serve event store on %s: %w", lis.Addr(), err)
	}
	return nil
}

// drain lets calls in flight finish, and cuts off those that take too long: a client
// that reads slowly must not keep the node from stopping.
func drain(srv *grpc.Server, timeout time.Duration) {
	cut := time.AfterFunc(timeout, srv.Stop)
	defer cut.Stop()
	srv.GracefulStop()
}

func (n *Node) newServer(ctx context.Context, access Access) *grpc.Server {
	opts := []grpc.ServerOption{
		grpc.MaxRecvMsgSize(maxMessageBytes),
		grpc.MaxSendMsgSize(maxMessageBytes),
		// Cut off, a call is told so, and still gets to its end before the files close.
		grpc.WaitForHandlers(true),
		grpc.KeepaliveEnforcementPolicy(keepalive.EnforcementPolicy{MinTime: minPingInterval, PermitWithoutStream: true}),
		// Subscriptions live for days: find out when the other side is gone.
		grpc.KeepaliveParams(keepalive.ServerParameters{Time: 30 * time.Second, Timeout: 20 * time.Second}),
		grpc.ChainUnaryInterceptor(n.answerUnary, access.authorizeUnary),
		grpc.ChainStreamInterceptor(n.answerStream, access.authorizeStream),
	}
	if access.TLS != nil {
		opts = append(opts, grpc.Creds(credentials.NewTLS(access.TLS)))
	}
	srv := grpc.NewServer(opts...)
	streams.RegisterStreamsServer(srv, &streamsServer{Node: n, stopping: ctx.Done()})
	serverfeatures.RegisterServerFeaturesServer(srv, featuresServer{})
	gossip.RegisterGossipServer(srv, &gossipServer{id: n.id, host: access.AdvertiseHost, now: n.cfg.Clock})
	return srv
}
