package esdbnode

import (
	"context"

	"github.com/EventStore/EventStore-Client-Go/v4/protos/serverfeatures"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/shared"
)

// Version is the server version that the node reports: the first of its line whose
// checkpoints are safe to resume from, which is also how this node behaves. Clients
// take three plain numbers only; a suffix would make them refuse to connect.
const Version = "24.10.5"

// featuresServer tells clients what they may call.
type featuresServer struct {
	serverfeatures.UnimplementedServerFeaturesServer
}

// GetSupportedMethods lists the calls that are served, in the lower case that clients
// look for. Persistent subscriptions must be absent altogether: the client falls back
// to HTTP when it finds some of their methods and misses others.
func (featuresServer) GetSupportedMethods(context.Context, *shared.Empty) (*serverfeatures.SupportedMethods, error) {
	const (
		streamsService  = "event_store.client.streams.streams"
		gossipService   = "event_store.client.gossip.gossip"
		featuresService = "event_store.client.server_features.serverfeatures"
	)
	return &serverfeatures.SupportedMethods{
		EventStoreServerVersion: Version,
		Methods: []*serverfeatures.SupportedMethod{
			{ServiceName: streamsService, MethodName: "append"},
			{ServiceName: streamsService, MethodName: "read", Features: []string{"position", "events"}},
			{ServiceName: streamsService, MethodName: "delete"},
			{ServiceName: streamsService, MethodName: "tombstone"},
			{ServiceName: gossipService, MethodName: "read"},
			{ServiceName: featuresService, MethodName: "getsupportedmethods"},
		},
	}, nil
}
