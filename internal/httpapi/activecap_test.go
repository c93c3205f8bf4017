package httpapi_test

import (
	"net/http"
	"slices"
	"sync"
	"testing"
)

// A customer who asks for many times at once gets as many as one who asks for them in turn.
func TestTheCapHoldsAgainstRequestsAtOnce(t *testing.T) {
	t.Parallel()
	s := openSalon(t, nil)
	s.put(owner, mittePath+"/policy", `{"activeCap":3}`).want(http.StatusOK)
	statuses := make([]int, 8)
	var all sync.WaitGroup
	for i := range statuses {
		all.Go(func() { statuses[i] = s.post(ada, "/api/bookings", wish(8+i)).status })
	}
	all.Wait()
	slices.Sort(statuses)
	if want := []int{201, 201, 201, http.StatusConflict}; !slices.Equal(statuses[:4], want) || statuses[7] != http.StatusConflict {
		t.Errorf("the answers are %d", statuses)
	}
}
