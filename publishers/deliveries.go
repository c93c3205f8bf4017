package publishers

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/uptrace/bun"

	"github.com/royalglow/booking/internal/database"
	"github.com/royalglow/booking/internal/eventstore"
)

// Operator does what operators ask of delivery: it reads the delivery log, and holds the publisher back. It works on the database, and
// so from any instance, without a key too.
type Operator struct {
	DB *database.DB // holds the publisher's own tables (migrations.Publisher)
	// Log is the event log. Only Replay needs it.
	Log Log
}

// Delivered is what became of one event on one channel.
type Delivered struct {
	EventID   string              `json:"eventId" doc:"The event's id."`
	Channel   string              `json:"channel" doc:"The channel."`
	Entity    string              `json:"entity" doc:"The booking, leave or branch that the messages are of."`
	Position  eventstore.Position `json:"position" doc:"The event's position in the log."`
	Messages  []string            `json:"messages" doc:"The names of the messages that were acknowledged, in order. A resync stands for one that was refused for good."`
	Attempts  int                 `json:"attempts" doc:"The most that one of the messages took."`
	Outcome   string              `json:"outcome" doc:"ok; permanent when a message was refused for good; queued while messages wait for their channel; parked while they wait for an operator."`
	LatencyMs float64             `json:"latencyMs" doc:"From the append of the event to the acknowledgement of its last message, in milliseconds."`
	TraceID   string              `json:"traceId,omitempty" doc:"Of the trace that caused the event."`
	At        time.Time           `json:"at" doc:"When the last message was acknowledged or refused."`
}

// Refused is a message that the service refused for good, as it was to be sent.
type Refused struct {
	Channel string    `json:"channel" doc:"The channel."`
	Part    int       `json:"part" doc:"Its place among the messages of the event on the channel, from 0."`
	Name    string    `json:"name" doc:"The message's name."`
	Data    string    `json:"data" doc:"The message's data: JSON."`
	Status  int       `json:"status" doc:"The HTTP status of the refusal."`
	Code    int       `json:"code" doc:"The service's code."`
	Reason  string    `json:"reason" doc:"The service's words."`
	At      time.Time `json:"at" doc:"When it was refused."`
}

// Limits of a page of the delivery log.
const (
	DefaultDeliveries = 50
	MaxDeliveries     = 200
)

// DeliverySearch says which deliveries are wanted; empty fields do not matter.
type DeliverySearch struct {
	Entity  string
	Channel string
	TraceID string
	Outcome string
	After   DeliveryCursor
	Limit   int // at most MaxDeliveries; zero: DefaultDeliveries
}

// ErrDeliveryCursor is the answer to a cursor that no page has given.
var ErrDeliveryCursor = errors.New("the cursor is not one that a page of deliveries has given")

// DeliveryCursor marks a place in the delivery log: the last delivery of a page. Empty: the beginning.
type DeliveryCursor string

func newDeliveryCursor(r *deliveryRow) DeliveryCursor {
	text := strconv.FormatUint(uint64(r.Position), 10) + " " + r.Channel
	return DeliveryCursor(base64.RawURLEncoding.EncodeToString([]byte(text)))
}

func (c DeliveryCursor) parse() (at eventstore.Position, channel string, err error) {
	text, err := base64.RawURLEncoding.DecodeString(string(c))
	if err != nil {
		return 0, "", ErrDeliveryCursor
	}
	position, channel, found := strings.Cut(string(text), " ")
	n, err := strconv.ParseInt(position, 10, 64)
	if err != nil || n < 0 || !found {
		return 0, "", ErrDeliveryCursor
	}
	return eventstore.Position(n), channel, nil
}

// Valid reports whether a page can begin there.
func (c DeliveryCursor) Valid() bool {
	_, _, err := c.parse()
	return c == "" || err == nil
}

// Find returns a page of the deliveries, those of the latest events first, and where the next one begins; empty after the last.
func (o Operator) Find(ctx context.Context, s DeliverySearch) (page []Delivered, next DeliveryCursor, err error) {
	limit := min(s.Limit, MaxDeliveries)
	if limit <= 0 {
		limit = DefaultDeliveries
	}
	var rows []*deliveryRow
	q := o.DB.Read.NewSelect().Model(&rows).OrderExpr("position DESC, channel DESC").Limit(int64(limit) + 1)
	for column, value := range map[string]string{
		"entity": s.Entity, "channel": s.Channel, "trace_id": s.TraceID, "outcome": s.Outcome,
	} {
		if value != "" {
			q = q.Where("? = ?", bun.Ident(column), value)
		}
	}
	if s.After != "" {
		at, channel, err := s.After.parse()
		if err != nil {
			return nil, "", err
		}
		q = q.Where("(position, channel) < (?, ?)", at, channel)
	}
	if err := q.Scan(ctx); err != nil {
		return nil, "", fmt.Errorf("search deliveries: %w", err)
	}
	if len(rows) > limit {
		rows = rows[:limit]
		next = newDeliveryCursor(rows[limit-1])
	}
	return deliveredOf(rows), next, nil
}

// Event returns what became of one event on all channels, and its messages that were refused; nothing of an event that is unknown,
// was not for anybody, or is not delivered yet.
func (o Operator) Event(ctx context.Context, id string) (delivered []Delivered, refused []Refused, err error) {
	err = o.DB.Snapshot(ctx, func(ctx context.Context, tx bun.Tx) error {
		var rows []*deliveryRow
		if err := tx.NewSelect().Model(&rows).Where("event_id = ?", id).OrderExpr("channel").Scan(ctx); err != nil {
			return err
		}
		delivered = deliveredOf(rows)
		var kept []refusedRow
		err := tx.NewSelect().Model(&kept).Where("event_id = ?", id).OrderExpr("channel, part").Scan(ctx)
		refused = []Refused{}
		for _, r := range kept {
			refused = append(refused, Refused{
				Channel: r.Channel, Part: r.Part, Name: r.Name, Data: r.Data, Status: r.Status, Code: r.Code, Reason: r.Reason, At: r.At.UTC(),
			})
		}
		return err
	})
	if err != nil {
		return nil, nil, fmt.Errorf("look up deliveries of event %s: %w", id, err)
	}
	return delivered, refused, nil
}

func deliveredOf(rows []*deliveryRow) []Delivered {
	all := make([]Delivered, 0, len(rows))
	for _, r := range rows {
		d := Delivered{
			EventID: r.EventID, Channel: r.Channel, Entity: r.Entity, Position: r.Position, Messages: []string{},
			Attempts: r.Attempts, Outcome: r.Outcome, LatencyMs: r.LatencyMS, TraceID: r.TraceID, At: r.At.UTC(),
		}
		if r.Names != "" {
			d.Messages = strings.Split(r.Names, ",")
		}
		all = append(all, d)
	}
	return all
}
