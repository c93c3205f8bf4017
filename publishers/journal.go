package publishers

import (
	"context"
	"maps"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"github.com/royalglow/booking/internal/eventstore"
)

// deliveryRow is what the delivery log says about one event on one channel.
type deliveryRow struct {
	bun.BaseModel `bun:"table:deliveries,alias:d"`

	EventID  string              `bun:"event_id,pk"`
	Channel  string              `bun:"channel,pk"`
	Entity   string              `bun:"entity"`
	Position eventstore.Position `bun:"position"`
	Names    string              `bun:"names"` // in order, with commas between
	Attempts int                 `bun:"attempts"`
	Outcome  string              `bun:"outcome"` // one of the outcomes below
	// LatencyMS is from the event's append to the acknowledgement.
	LatencyMS float64   `bun:"latency_ms"`
	TraceID   string    `bun:"trace_id"`
	At        time.Time `bun:"at"`

	written bool // as it is now
}

// Outcomes of an event on a channel, besides outcomeOK and outcomePermanent (of the latter a message was refused for good).
const (
	outcomeQueued = "queued" // some of its messages wait in the durable queue of the channel
	outcomeParked = "parked" // they wait for an operator
)

// Outcomes lists the outcomes of an event on a channel.
func Outcomes() []string {
	return []string{outcomeOK.String(), outcomePermanent.String(), outcomeQueued, outcomeParked}
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

// forget drops what a message that was refused says.
func (j *journal) forget(m outgoing) {
	for i, r := range j.refused {
		if r.EventID == m.EventID.String() && r.Channel == m.Channel && r.Part == m.Envelope.Part {
			j.refused[i].Data = nothingKept
		}
	}
}

// queued takes note of a message that goes to the durable queue.
func (j *journal) queued(m outgoing, attempts int, now time.Time, outcome string) {
	j.row(m, attempts, now).Outcome = outcome
}

// add takes over what came later.
func (j *journal) add(later *journal) {
	j.rows = append(j.rows, later.rows...)
	j.refused = append(j.refused, later.refused...)
	j.acks += later.acks
	maps.Copy(j.byKey, later.byKey)
}

// unwritten returns copies of the lines that have changed since they were last asked for, and takes them for written.
func (j *journal) unwritten() []*deliveryRow {
	var rows []*deliveryRow
	for _, row := range j.rows {
		if !row.written {
			row.written = true
			line := *row
			rows = append(rows, &line)
		}
	}
	return rows
}

// failed takes back that lines were written.
func (j *journal) failed(rows []*deliveryRow) {
	for _, row := range rows {
		j.byKey[journalKey{row.EventID, row.Channel}].written = false
	}
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
	row.written = false
	row.Attempts = max(row.Attempts, attempts)
	row.LatencyMS = float64(now.Sub(m.created)) / float64(time.Millisecond)
	row.At = now.UTC()
	return row
}

// replaceRows writes lines of a plan. One that was sent before a crash is recorded as it went the last time.
func replaceRows(ctx context.Context, tx bun.Tx, all []*deliveryRow) error {
	for rows := range slices.Chunk(all, rowsAtOnce) {
		if _, err := tx.NewInsert().Model(&rows).On("CONFLICT (event_id, channel) DO UPDATE").
			Set("names = EXCLUDED.names").Set("attempts = EXCLUDED.attempts").Set("outcome = EXCLUDED.outcome").
			Set("latency_ms = EXCLUDED.latency_ms").Set("at = EXCLUDED.at").Exec(ctx); err != nil {
			return err
		}
	}
	return nil
}

// append writes what became of messages from durable queues: of the event they belong to, others may have been acknowledged before.
func (j *journal) append(ctx context.Context, tx bun.Tx) error {
	for _, row := range j.rows {
		if _, err := tx.NewInsert().Model(row).On("CONFLICT (event_id, channel) DO UPDATE").
			Set("names = CASE WHEN d.names = '' OR EXCLUDED.names = '' THEN d.names || EXCLUDED.names ELSE d.names || ',' || EXCLUDED.names END").
			Set("attempts = CASE WHEN EXCLUDED.attempts > d.attempts THEN EXCLUDED.attempts ELSE d.attempts END").
			Set("outcome = CASE WHEN d.outcome = ? THEN d.outcome ELSE EXCLUDED.outcome END", outcomePermanent.String()).
			Set("latency_ms = EXCLUDED.latency_ms").Set("at = EXCLUDED.at").Exec(ctx); err != nil {
			return err
		}
	}
	return j.keep(ctx, tx)
}

// keep writes the messages that were refused for good.
func (j *journal) keep(ctx context.Context, tx bun.Tx) error {
	for rows := range slices.Chunk(j.refused, rowsAtOnce) {
		if _, err := tx.NewInsert().Model(&rows).On("CONFLICT (event_id, channel, part) DO NOTHING").Exec(ctx); err != nil {
			return err
		}
	}
	return nil
}
