package esdbnode

import (
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"net"
	"slices"
	"strings"

	"github.com/EventStore/EventStore-Client-Go/v4/protos/gossip"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/serverfeatures"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/streams"
	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"
	"google.golang.org/protobuf/proto"
)

// check refuses listeners on which data or passwords would be open to others.
func (a Access) check(lis net.Listener) error {
	switch {
	case a.Password != "" && a.TLS == nil:
		return ErrPasswordWithoutTLS
	case isLocal(lis.Addr()):
		return nil
	case a.TLS == nil || a.Password == "":
		return ErrInsecureListener
	}
	return nil
}

// isLocal reports an address that only this machine can reach.
func isLocal(addr net.Addr) bool {
	switch a := addr.(type) {
	case *net.UnixAddr:
		return true
	case *net.TCPAddr:
		return a.IP.IsLoopback()
	}
	return false
}

// anonymous calls carry no credentials even when the client has some: it asks them to
// find out whom it is talking to.
func anonymous(method string) bool {
	return strings.HasPrefix(method, "/"+serverfeatures.ServerFeatures_ServiceDesc.ServiceName+"/") ||
		strings.HasPrefix(method, "/"+gossip.Gossip_ServiceDesc.ServiceName+"/")
}

// authorize checks the credentials of one call.
func (a Access) authorize(ctx context.Context, method string) error {
	if a.Password == "" || anonymous(method) {
		return nil
	}
	md, _ := metadata.FromIncomingContext(ctx)
	if slices.ContainsFunc(md.Get("authorization"), a.matches) {
		return nil
	}
	return unauthenticated()
}

// matches compares in constant time, over hashes so that lengths do not show either.
func (a Access) matches(header string) bool {
	scheme, encoded, _ := strings.Cut(header, " ")
	if !strings.EqualFold(scheme, "Basic") {
		return false
	}
	given, err := base64.StdEncoding.DecodeString(strings.TrimSpace(encoded))
	if err != nil {
		return false
	}
	user := a.User
	if user == "" {
		user = DefaultUser
	}
	got, want := sha256.Sum256(given), sha256.Sum256([]byte(user+":"+a.Password))
	return subtle.ConstantTimeCompare(got[:], want[:]) == 1
}

func (a Access) authorizeUnary(ctx context.Context, req any, info *grpc.UnaryServerInfo, handle grpc.UnaryHandler) (any, error) {
	if err := a.authorize(ctx, info.FullMethod); err != nil {
		return nil, err
	}
	return handle(ctx, req)
}

func (a Access) authorizeStream(srv any, ss grpc.ServerStream, info *grpc.StreamServerInfo, handle grpc.StreamHandler) error {
	if err := a.authorize(ss.Context(), info.FullMethod); err != nil {
		if info.IsClientStream {
			discard(ss)
		}
		return err
	}
	return handle(srv, ss)
}

// discard receives what a refused client still sends: answered before it is done, it
// reports a broken connection instead of bad credentials. A stranger may send no more
// than an honest append holds.
func discard(ss grpc.ServerStream) {
	var req streams.AppendReq
	for left := 4 * DefaultMaxAppendBytes; left > 0; left -= proto.Size(&req) + 1 {
		if ss.RecvMsg(&req) != nil {
			return
		}
	}
}
