package nodelog

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"

	"github.com/royalglow/booking/internal/esdbnode/nodetest"
	"github.com/royalglow/booking/internal/eventstore"
)

// FullSize is how many booking events benchmarks take for their full figures.
const FullSize = 1_000_000

// shortSize is how many they take otherwise.
const shortSize = 100_000

// Size returns how many booking events a benchmark's log has: FullSize with BOOKING_SOAK=1, and a tenth otherwise.
func Size() int {
	if os.Getenv("BOOKING_SOAK") == "1" {
		return FullSize
	}
	return shortSize
}

// Log is a long log in a node on disk that serves a socket, as the engine's own node does.
type Log struct {
	// Store is the supervised client of the node.
	Store *eventstore.Store
	// Socket is where the node listens.
	Socket string
	// Events is how many events a subscription with the engine's filter gets: BookingEvents, and those that make the chain.
	Events, BookingEvents int
	// Head is the position of the last of them.
	Head eventstore.Position

	client *esdb.Client
}

// New makes a log with so many booking events. It is gone when the test ends. None of it is in the node's memory: whoever
// reads it gets it from disk.
func New(tb testing.TB, bookingEvents int) *Log {
	tb.Helper()
	// A socket's path is short by nature; a test's folder is not.
	dir, err := os.MkdirTemp("", "log") //nolint:usetesting // see above
	check(tb, err)
	tb.Cleanup(func() { _ = os.RemoveAll(dir) })
	data := filepath.Join(dir, "data")
	l := &Log{Socket: filepath.Join(dir, "s"), BookingEvents: bookingEvents}
	l.Events, err = Fill(tb.Context(), data, bookingEvents)
	check(tb, err)
	nodetest.ServeSocket(tb, data, l.Socket)
	l.Store, err = eventstore.Open(eventstore.Config{Socket: l.Socket})
	check(tb, err)
	tb.Cleanup(func() { check(tb, l.Store.Close()) })
	l.client = dial(tb, l.Socket)
	l.Head, err = l.Store.Head(tb.Context())
	check(tb, err)
	return l
}

func check(tb testing.TB, err error) {
	tb.Helper()
	if err != nil {
		tb.Fatal(err)
	}
}
