package publishers

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"github.com/royalglow/booking/internal/eventstore"
)

// Parked is a channel whose messages wait for an operator: one was not taken, and those behind it wait as well, in order.
type Parked struct {
	Channel  string              `json:"channel" doc:"The channel."`
	Why      string              `json:"why" doc:"refused: the service takes neither its first message nor a resync in place of one. attempts: the service failed ten times in a row for this channel alone. unreadable: what waits in the database is not what was written there."`
	Status   int                 `json:"status" doc:"The HTTP status of the service's last answer."`
	Code     int                 `json:"code" doc:"The service's code."`
	Reason   string              `json:"reason" doc:"The service's words."`
	ParkedAt time.Time           `json:"parkedAt" doc:"Since when."`
	Messages int                 `json:"messages" doc:"How many messages wait. From 1024 on the publisher stops: nothing is dropped."`
	First    eventstore.Position `json:"first" doc:"Position of the event of the first."`
	Last     eventstore.Position `json:"last" doc:"Position of the event of the last."`
	Oldest   time.Time           `json:"oldest" doc:"When the event of the first was committed."`
}

// Redrive says which parked channels are to go on: one, or all that were parked for a reason, or all.
type Redrive struct {
	Channel string
	Why     string // one of ParkedReasons
	All     bool
	DryRun  bool // only say which these are
}

// Redriven is what a redrive is about.
type Redriven struct {
	DryRun   bool     `json:"dryRun" doc:"Nothing was changed."`
	Messages int      `json:"messages" doc:"How many messages are sent, or would be."`
	Channels []Parked `json:"channels" doc:"The channels that go on, or would, as they were."`
}

// Errors of Redrive.
var (
	ErrRedriveNothing = errors.New("say what is to be redriven: a channel, a reason, or all")
	ErrNotParked      = errors.New("nothing like that is parked")
)

// Check fails with ErrRedriveNothing when it is not said what is meant, or in two ways.
func (r Redrive) Check() error {
	said := 0
	for _, is := range []bool{r.Channel != "", r.Why != "", r.All} {
		if is {
			said++
		}
	}
	switch {
	case said != 1:
		return ErrRedriveNothing
	case r.Why != "" && !slices.Contains(ParkedReasons(), r.Why):
		return fmt.Errorf("%w: a reason is one of %s", ErrRedriveNothing, strings.Join(ParkedReasons(), ", "))
	}
	return nil
}

// Parked returns the channels that wait for an operator, the longest first.
func (o Operator) Parked(ctx context.Context) (parked []Parked, err error) {
	err = o.DB.Snapshot(ctx, func(ctx context.Context, tx bun.Tx) error {
		parked, err = findParked(ctx, tx, Redrive{All: true})
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("look up parked channels: %w", err)
	}
	return parked, nil
}

// Redrive lets parked channels go on: their messages are sent in order, those that came since as well. Whoever publishes notices within half
// a second. What is refused again is parked again. It fails with ErrRedriveNothing when it is not said what is meant, and with
// ErrNotParked when nothing like that is parked.
func (o Operator) Redrive(ctx context.Context, r Redrive) (Redriven, error) {
	if err := r.Check(); err != nil {
		return Redriven{}, err
	}
	result := Redriven{DryRun: r.DryRun}
	err := o.DB.InTx(ctx, func(ctx context.Context, tx bun.Tx) (err error) {
		result.Messages = 0
		if result.Channels, err = findParked(ctx, tx, r); err != nil {
			return err
		}
		for _, p := range result.Channels {
			result.Messages += p.Messages
			if r.DryRun {
				continue
			}
			if _, err := tx.NewRaw("DELETE FROM parked WHERE channel = ?", p.Channel).Exec(ctx); err != nil {
				return err
			}
			if _, err := tx.NewRaw("UPDATE deliveries SET outcome = ? WHERE channel = ? AND outcome = ?",
				outcomeQueued, p.Channel, outcomeParked).Exec(ctx); err != nil {
				return err
			}
		}
		return nil
	})
	switch {
	case err != nil:
		return Redriven{}, fmt.Errorf("redrive: %w", err)
	case len(result.Channels) == 0:
		return Redriven{}, ErrNotParked
	}
	return result, nil
}

// findParked returns the parked channels that a redrive means.
func findParked(ctx context.Context, tx bun.Tx, r Redrive) ([]Parked, error) {
	var rows []struct {
		parkedRow `bun:",extend"`

		Messages int                 `bun:"messages"`
		First    eventstore.Position `bun:"first_position"`
		Last     eventstore.Position `bun:"last_position"`
		Oldest   int64               `bun:"oldest"`
	}
	q := tx.NewSelect().TableExpr("parked AS p").Join("LEFT JOIN queued AS q ON q.channel = p.channel").
		ColumnExpr("p.channel, p.parked_at, p.why, p.status, p.code, p.reason, count(q.position) AS messages").
		ColumnExpr("coalesce(min(q.position), 0) AS first_position, coalesce(max(q.position), 0) AS last_position").
		ColumnExpr("coalesce(min(q.created_at), 0) AS oldest").
		GroupExpr("p.channel, p.parked_at, p.why, p.status, p.code, p.reason").OrderExpr("p.parked_at, p.channel")
	if r.Channel != "" {
		q = q.Where("p.channel = ?", r.Channel)
	}
	if r.Why != "" {
		q = q.Where("p.why = ?", r.Why)
	}
	if err := q.Scan(ctx, &rows); err != nil {
		return nil, err
	}
	all := make([]Parked, 0, len(rows))
	for _, row := range rows {
		all = append(all, Parked{
			Channel: row.Channel, Why: row.Why, Status: row.Status, Code: row.Code, Reason: row.Reason,
			ParkedAt: time.UnixMicro(row.ParkedAt).UTC(), Messages: row.Messages, First: row.First, Last: row.Last,
			Oldest: time.UnixMicro(row.Oldest).UTC(),
		})
	}
	return all, nil
}
