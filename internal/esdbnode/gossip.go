package esdbnode

import (
	"context"
	"net"
	"strings"
	"time"

	"github.com/EventStore/EventStore-Client-Go/v4/protos/gossip"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/shared"
	"github.com/google/uuid"
	"google.golang.org/grpc/peer"
)

// gossipServer tells a client that looks for a cluster that this node is all of it.
type gossipServer struct {
	gossip.UnimplementedGossipServer
	id   uuid.UUID
	host string // to advertise; empty: the address that the client reached
	now  func() time.Time
}

// Read answers one living leader: this node. The client dials the address it is given
// as "address:port", so an IPv6 address comes in brackets.
func (g *gossipServer) Read(ctx context.Context, _ *shared.Empty) (*gossip.ClusterInfo, error) {
	endpoint := &gossip.EndPoint{Address: g.host}
	if p, ok := peer.FromContext(ctx); ok && p.LocalAddr != nil {
		switch addr := p.LocalAddr.(type) {
		case *net.TCPAddr:
			endpoint.Port = uint32(addr.Port)
			if g.host == "" {
				endpoint.Address = addr.IP.String()
			}
		default:
			if g.host == "" {
				endpoint.Address = addr.String()
			}
		}
	}
	if strings.Contains(endpoint.Address, ":") && net.ParseIP(endpoint.Address) != nil {
		endpoint.Address = "[" + endpoint.Address + "]"
	}
	return &gossip.ClusterInfo{Members: []*gossip.MemberInfo{{
		InstanceId:   structuredID(g.id),
		TimeStamp:    ticks(g.now()),
		State:        gossip.MemberInfo_Leader,
		IsAlive:      true,
		HttpEndPoint: endpoint,
	}}}, nil
}
