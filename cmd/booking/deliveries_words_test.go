package main

import (
	"testing"
	"time"

	"github.com/royalglow/booking/publishers"
)

func TestOperatorsAreToldWhatIsSent(t *testing.T) {
	t.Parallel()
	one, two := []publishers.Parked{{}}, []publishers.Parked{{}, {}}
	done := time.Date(2026, 6, 15, 10, 0, 0, 0, time.UTC)
	for _, tt := range []struct{ got, want string }{
		{redrivenWords(publishers.Redriven{Messages: 1, Channels: one}, true), "1 message on 1 channel is being sent.\n"},
		{redrivenWords(publishers.Redriven{Messages: 5, Channels: two}, true), "5 messages on 2 channels are being sent.\n"},
		{redrivenWords(publishers.Redriven{Messages: 5, Channels: two}, false), "5 messages on 2 channels are sent as soon as an engine runs.\n"},
		{
			replayWords(publishers.Replaying{DryRun: true, Messages: 1, Events: 1, Channels: 1}),
			"1 message of 1 event on 1 channel would be sent again.\n",
		},
		{replayWords(publishers.Replaying{Events: 2}), "0 messages of 2 events on 0 channels are being sent again.\n"},
		{
			replayWords(publishers.Replaying{Messages: 3, Events: 4, Channels: 2, FinishedAt: done}),
			"3 messages of 4 events on 2 channels were sent again.\n",
		},
		{
			replayWords(publishers.Replaying{Messages: 1, Events: 4, Channels: 2, Refused: 1, FinishedAt: done}),
			"1 message of 4 events on 2 channels was sent again; 1 was left out: refused, or of a channel that is parked.\n",
		},
		{
			replayWords(publishers.Replaying{Messages: 3, Events: 4, Channels: 2, Refused: 2, FinishedAt: done}),
			"3 messages of 4 events on 2 channels were sent again; 2 were left out: refused, or of a channel that is parked.\n",
		},
	} {
		if tt.got != tt.want {
			t.Errorf("%q, want %q", tt.got, tt.want)
		}
	}
}

// A person sees how far a replay is on a line of its own, or on one that is drawn anew.
func TestAReplayShowsHowFarItIs(t *testing.T) {
	t.Parallel()
	var to lockedBuffer
	s := &buildProgress{to: &to, began: time.Now().Add(-10 * time.Second)}
	s.showReplay(publishers.Replaying{}, 100)
	s.showReplay(publishers.Replaying{Messages: 45, Refused: 5}, 100)
	if got := to.String(); got != "0 of 100 messages, 0 a second\n50 of 100 messages, 5 a second, 10s left\n" {
		t.Errorf("%q", got)
	}
}
