package eventstore_test

import (
	"strings"
	"testing"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"

	"github.com/royalglow/booking/internal/eventstore"
)

func TestAWrongConfigurationIsRefusedInOneSentence(t *testing.T) {
	for _, c := range []struct{ name, connection, socket, says string }{
		{"nothing", "", "", "exactly one of"},
		{"both", "esdb://localhost", "/run/es.sock", "exactly one of"},
		{"another scheme", "http://localhost", "", "scheme"},
		{"no host", "esdb://", "", "host"},
		{"a bad port", "esdb://localhost:x", "", "port"},
		{"a setting that is not known", "esdb://localhost?retries=3", "", `"retries" is not known`},
		{"a setting that is given twice", "esdb://localhost?tls=true&tls=false", "", "twice"},
		{"a bad boolean", "esdb://localhost?tls=maybe", "", "true or false"},
		{"credentials that would not be sent", "esdb://admin:secret@localhost?tls=false", "", "not sent without TLS"},
		{"a user without a password", "esdb://admin@localhost", "", "no password"},
		{"a gossip timeout in milliseconds", "esdb://a,b?gossipTimeout=5000", "", "in seconds"},
		{"no gossip timeout", "esdb://a,b?gossipTimeout=0", "", "in seconds"},
		{"a deadline that cannot be read", "esdb://localhost?defaultDeadline=10s", "", "in milliseconds"},
		{"a deadline in seconds", "esdb://localhost?defaultDeadline=10", "", "in milliseconds"},
		{"a keep-alive in seconds", "esdb://localhost?keepAliveInterval=10", "", "keepAliveInterval is in milliseconds"},
		{"a keep-alive timeout in seconds", "esdb://localhost?keepalivetimeout=10", "", "keepAliveTimeout is in milliseconds"},
		{"another node than the leader", "esdb://a,b?nodePreference=follower", "", "must be leader"},
		{"half a certificate", "esdb://localhost?userCertFile=/tmp/c", "", "userKeyFile"},
		{"a bad escape", "esdb://admin:secret@localhost?tls=%zz", "", "escape"},
		{"a control character", "esdb://admin:secret@local\x7fhost", "", "control character"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s, err := eventstore.Open(eventstore.Config{ConnectionString: c.connection, Socket: c.socket})
			if err == nil {
				_ = s.Close()
				t.Fatal("accepted")
			}
			if !strings.Contains(err.Error(), c.says) || strings.Contains(err.Error(), "\n") {
				t.Errorf("error %q, want one sentence that says %q", err, c.says)
			}
			if strings.Contains(err.Error(), "secret") {
				t.Errorf("the error tells the password: %q", err)
			}
		})
	}
}

func TestGoodConfigurationsAreAccepted(t *testing.T) {
	for _, connection := range []string{
		"esdb://localhost:2113?tls=false",
		"esdb://admin:secret@a:2113,b:2113,c:2113?nodePreference=leader&gossipTimeout=5",
		"esdb+discover://admin:secret@cluster.example?keepAliveInterval=-1&keepAliveTimeout=10000&defaultDeadline=5000",
	} {
		s, err := eventstore.Open(eventstore.Config{ConnectionString: connection})
		if err != nil {
			t.Errorf("%s: %v", connection, err)
			continue
		}
		if err := s.Close(); err != nil {
			t.Errorf("close: %v", err)
		}
	}
}

// A checkpoint of these servers may lie where the next event goes.
func TestCheckpointsOfFaultyServersAreNotTrusted(t *testing.T) {
	for version, trusted := range map[esdb.ServerVersion]bool{
		{}:                               false,
		{Major: 23, Minor: 10, Patch: 9}: false,
		{Major: 24, Minor: 10, Patch: 4}: false,
		{Major: 24, Minor: 10, Patch: 5}: true,
		{Major: 24, Minor: 11}:           true,
		{Major: 25}:                      false,
		{Major: 25, Minor: 0, Patch: 1}:  true,
		{Major: 25, Minor: 1}:            true,
		{Major: 26, Minor: 1}:            true,
	} {
		if got := eventstore.TrustCheckpoint(&version); got != trusted {
			t.Errorf("version %+v: trusted %t, want %t", version, got, trusted)
		}
	}
	if eventstore.TrustCheckpoint(nil) {
		t.Error("a server of no version is trusted")
	}
}
