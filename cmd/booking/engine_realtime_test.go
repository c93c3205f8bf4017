package main

import (
	"testing"

	"github.com/royalglow/booking/internal/subscription"
	"github.com/royalglow/booking/publishers"
)

func TestOneWordSaysHowPublishingIsDoing(t *testing.T) {
	t.Parallel()
	open := func(s publishers.State) publishers.Status { return publishers.Status{State: s, CircuitOpen: true} }
	for _, tt := range []struct {
		now    publishers.Status
		runner subscription.State
		here   bool
		want   string
	}{
		{publishers.Status{State: publishers.NotConfigured}, 0, false, "not_configured"},
		{publishers.Status{State: publishers.CatchingUp}, subscription.Live, true, "live"},
		{publishers.Status{State: publishers.CatchingUp}, subscription.CatchingUp, true, "catching_up"},
		{publishers.Status{State: publishers.Live}, subscription.Standby, true, "standby"},
		{publishers.Status{State: publishers.Retrying}, subscription.Live, true, "retrying"},
		{publishers.Status{State: publishers.Live, Parked: 1}, subscription.Live, true, "live"},
		{publishers.Status{State: publishers.Live}, subscription.Halted, true, "halted"},
		{publishers.Status{State: publishers.Live, Parked: 1}, subscription.Retrying, true, "retrying"},
		{publishers.Status{State: publishers.AuthFailed}, subscription.Retrying, true, "auth_failed"},
		{open(publishers.Retrying), subscription.Live, true, "circuit_open"},
		{open(publishers.Retrying), subscription.Retrying, true, "circuit_open"},
		{open(publishers.Retrying), subscription.Paused, true, "paused"},
		{open(publishers.Retrying), subscription.Standby, true, "standby"},
		{open(publishers.AuthFailed), subscription.Live, true, "auth_failed"},
	} {
		if got := realtimeWord(tt.now, tt.runner, tt.here); got != tt.want {
			t.Errorf("%+v, runner %v: %s, want %s", tt.now, tt.runner, got, tt.want)
		}
	}
}

func TestDevelopersReadWhatWaits(t *testing.T) {
	t.Parallel()
	live := subscription.Status{State: subscription.Live}
	if got := realtimeDetailOf(publishers.Status{State: publishers.Live, Position: 7, Acknowledged: 3}, live); got != "" {
		t.Errorf("when all is well: %q", got)
	}
	got := realtimeDetailOf(publishers.Status{
		State: publishers.Retrying, Queued: 3, Parked: 2, LastError: "internal error", Reconciled: publishers.Reconciled{Found: 4, Again: 5},
	}, live)
	const want = "channels with messages that wait for the service: 3; channels that are parked: 2; " +
		"of those that were in doubt for long, had arrived: 4, were sent again: 5; last error: internal error"
	if got != want {
		t.Errorf("%q, want %q", got, want)
	}
	for _, state := range []subscription.State{subscription.Halted, subscription.Retrying} {
		stuck := subscription.Status{State: state, Err: publishers.ErrParkedFull}
		got := realtimeDetailOf(publishers.Status{State: publishers.Live, Parked: 1}, stuck)
		if want := "nothing more of the log is published: " + publishers.ErrParkedFull.Error() + "; channels that are parked: 1"; got != want {
			t.Errorf("%v: %q, want %q", state, got, want)
		}
	}
}
