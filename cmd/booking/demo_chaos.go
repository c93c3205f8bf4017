package main

import (
	"math/rand/v2"
	"time"

	"github.com/royalglow/booking/internal/ablylocal"
	"github.com/royalglow/booking/internal/demo/check"
)

const (
	// chaosOneIn is which share of the publish requests fails under chaos: 5 %.
	chaosOneIn = 20
	// chaosDrops is how often every subscriber's socket is dropped.
	chaosDrops = 10 * time.Second
	// chaosPatience is how long a run under chaos waits for what is under way. A message may fail several times, and the pause
	// before the next attempt may be 15 s.
	chaosPatience = time.Minute
)

// chaosFaults are what the requests fail with, in equal parts.
func chaosFaults() []ablylocal.PublishFault {
	return []ablylocal.PublishFault{
		{Kind: ablylocal.FaultRateLimited, Wait: time.Second},
		{Kind: ablylocal.FaultErrorBefore},
		{Kind: ablylocal.FaultErrorAfter},
		{Kind: ablylocal.FaultResetAfter},
	}
}

// unleashChaos makes the endpoint go wrong from now on.
func unleashChaos(s *ablylocal.Server) {
	s.Switches().OnPublish(ablylocal.OneIn(chaosOneIn, rand.Uint64(), chaosFaults()...))
	s.Switches().OnSocket(ablylocal.OnceIn(chaosDrops))
}

// withChaos adds to the report what the endpoint was made to do.
func withChaos(r check.Report, s *ablylocal.Server) check.Report {
	failed := map[string]int{}
	for _, f := range chaosFaults() {
		failed[f.Kind.String()] = int(s.Switches().Count(f.Kind))
	}
	drops := ablylocal.FaultSocketDropped
	return r.WithChaos(int(s.Switches().Publishes()), failed, drops.String(), int(s.Switches().Count(drops)))
}
