package publishers

import (
	"errors"
	"time"

	"github.com/uptrace/bun"
)

// How much may be parked. When that is full the publisher stops until an operator has redriven some of it: it never drops any.
const (
	MaxParkedChannels = 1024
	MaxParkedMessages = 1024 // on one channel
	// parkAfter is how many attempts in a row an array gets that the service answered, and failed, for its channel alone.
	parkAfter = 10
)

// ErrParkedFull says why nothing is published any more: a parked channel has no room for its next messages, and none is dropped.
var ErrParkedFull = errors.New("a parked channel is full: redrive it")

// Why a channel is parked.
const (
	parkedRefused  = "refused"  // the service does not take its messages, nor a resync in place of one
	parkedAttempts = "attempts" // the service failed too often for this channel alone
	// parkedUnreadable: what waits is not what was written. That is for somebody who can mend a database.
	parkedUnreadable = "unreadable"
)

// ParkedReasons are why a channel may be parked.
func ParkedReasons() []string { return []string{parkedRefused, parkedAttempts, parkedUnreadable} }

// parkedRow is a channel whose messages wait for an operator.
type parkedRow struct {
	bun.BaseModel `bun:"table:parked"`

	Channel  string `bun:"channel,pk"`
	ParkedAt int64  `bun:"parked_at"` // microseconds since 1970 UTC
	Why      string `bun:"why"`
	Status   int    `bun:"status"`
	Code     int    `bun:"code"`
	Reason   string `bun:"reason"`
}

func newParkedRow(channel, why string, last channelAnswer, now time.Time) *parkedRow {
	return &parkedRow{
		Channel: channel, ParkedAt: now.UnixMicro(), Why: why, Status: last.status, Code: last.code, Reason: last.reason,
	}
}
