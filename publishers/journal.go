package publishers

import (
	"time"

	"github.com/uptrace/bun"

	"github.com/royalglow/booking/internal/eventstore"
)

// deliveryRow is what the delivery log says about one event on one channel.
type deliveryRow struct {
	bun.BaseModel `bun:"table:deliveries"`

	EventID  string              `bun:"event_id,pk"`
	Channel  string              `bun:"channel,pk"`
	Entity   string              `bun:"entity"`
	Position eventstore.Position `bun:"position"`
	Names    string              `bun:"names"` // in order, with commas between
	Attempts int                 `bun:"attempts"`
	Outcome  string              `bun:"outcome"` // "ok", or "permanent" when a message was refused for good
	// LatencyMS is from the event's append to the acknowledgement.
	LatencyMS float64   `bun:"latency_ms"`
	TraceID   string    `bun:"trace_id"`
	At        time.Time `bun:"at"`
}

// refusedRow is a message that the service refused for good.
type refusedRow struct {
	bun.BaseModel `bun:"table:refused"`

	EventID string    `bun:"event_id,pk"`
	Channel string    `bun:"channel,pk"`
	Part    int       `bun:"part,pk"`
	Name    string    `bun:"name"`
	Data    string    `bun:"data"`
	Status  int       `bun:"status"`
	Code    int       `bun:"code"`
	Reason  string    `bun:"reason"`
	At      time.Time `bun:"at"`
}

// journal collects what a plan came to, until that is written with the checkpoint.
type journal struct {
	rows    []*deliveryRow
	byKey   map[journalKey]*deliveryRow
	refused []refusedRow
	// acks counts messages that the endpoint acknowledged, resync messages included.
	acks int
}

type journalKey struct{ event, channel string }

func newJournal() *journal { return &journal{byKey: map[journalKey]*deliveryRow{}} }

func (j *journal) acknowledged(m outgoing, attempts int, now time.Time) {
	j.acks++
	row := j.row(m, attempts, now)
	if row.Names != "" {
		row.Names += ","
	}
	row.Names += m.Name
}

func (j *journal) refuse(m outgoing, why channelAnswer, attempts int, now time.Time) {
	j.row(m, attempts, now).Outcome = outcomePermanent.String()
	if m.resync {
		return // the message that it stands for is recorded already
	}
	j.refused = append(j.refused, refusedRow{
		EventID: m.EventID.String(), Channel: m.Channel, Part: m.Envelope.Part, Name: m.Name, Data: string(m.data),
		Status: why.status, Code: why.code, Reason: why.reason, At: now.UTC(),
	})
}

// row returns the line of the message's event and channel, brought up to now.
func (j *journal) row(m outgoing, attempts int, now time.Time) *deliveryRow {
	key := journalKey{m.EventID.String(), m.Channel}
	row, ok := j.byKey[key]
	if !ok {
		row = &deliveryRow{
			EventID: key.event, Channel: key.channel, Entity: m.Envelope.Entity, Position: m.Envelope.Position,
			Outcome: outcomeOK.String(), TraceID: m.traceID,
		}
		j.byKey[key] = row
		j.rows = append(j.rows, row)
	}
	row.Attempts = max(row.Attempts, attempts)
	row.LatencyMS = float64(now.Sub(m.created)) / float64(time.Millisecond)
	row.At = now.UTC()
	return row
}
