package eventstore_test

import (
	"testing"

	"github.com/royalglow/booking/internal/eventstore"
	"github.com/royalglow/booking/internal/eventstore/storetest"
)

func TestConformance(t *testing.T) {
	storetest.Run(t, func(t *testing.T) storetest.Port {
		t.Helper()
		return open(t, eventstore.Config{Socket: newNode(t).socket})
	})
}
