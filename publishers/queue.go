package publishers

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/uptrace/bun"

	"github.com/royalglow/booking/internal/subscription"
)

// chores is what the durable queues are told, and asked, in one transaction.
type chores struct {
	settled  map[string]queuePlace // by channel: everything up to there was acknowledged, or refused for good
	replaced []outgoing            // resync messages, each in the place of one that was refused
	journal  *journal
	parked   []*parkedRow
	take     []string // channels whose next messages are wanted
	look     []string // parked channels of which is to be known whether they still are
}

// findings is what they answer.
type findings struct {
	arrays map[string][]array // of the channels that were asked for; none: the queue is empty
	parked map[string]bool    // of the channels that were looked at
	// unreadable are channels that were asked for, and are parked.
	unreadable []*parkedRow
}

func newChores() chores { return chores{settled: map[string]queuePlace{}, journal: newJournal()} }

// empty reports whether there is nothing to do.
func (c chores) empty() bool {
	return len(c.settled)+len(c.replaced)+len(c.parked)+len(c.take)+len(c.journal.rows)+len(c.look)+len(c.journal.refused) == 0
}

// add takes over what came up while c was tried in vain.
func (c *chores) add(later chores) {
	maps.Copy(c.settled, later.settled)
	c.replaced = append(c.replaced, later.replaced...)
	c.journal.add(later.journal)
	c.parked = append(c.parked, later.parked...)
	c.take = append(c.take, later.take...)
	c.look = append(c.look, later.look...)
}

// do is the transaction. It fails when the term is over: another works on the queues by now.
func (s state) do(ctx context.Context, c chores, now time.Time) (f findings, err error) {
	// What a power failure undoes is done again: the messages are sent another time, under the same ids.
	err = s.db.InTxUnsynced(ctx, func(ctx context.Context, tx bun.Tx) error {
		f = findings{arrays: map[string][]array{}}
		if err := subscription.CheckTerm(ctx, tx); err != nil {
			return err
		}
		if err := c.write(ctx, tx); err != nil {
			return err
		}
		for _, channel := range c.take {
			arrays, err := takeNext(ctx, tx, channel, now)
			if bad := new(unreadableError); errors.As(err, &bad) {
				row := newParkedRow(channel, parkedUnreadable, channelAnswer{reason: bad.Error()}, now)
				f.unreadable = append(f.unreadable, row)
				err = park(ctx, tx, []*parkedRow{row})
			}
			if err != nil {
				return err
			}
			f.arrays[channel] = arrays
		}
		if len(c.look) == 0 {
			return nil
		}
		var parked []string
		if err := tx.NewSelect().Model((*parkedRow)(nil)).Column("channel").Scan(ctx, &parked); err != nil {
			return err
		}
		f.parked = map[string]bool{}
		for _, channel := range c.look {
			f.parked[channel] = slices.Contains(parked, channel)
		}
		return nil
	})
	if err != nil {
		return findings{}, fmt.Errorf("work on queues: %w", err)
	}
	return f, nil
}

func (c chores) write(ctx context.Context, tx bun.Tx) error {
	for _, m := range c.replaced {
		waited, err := replaceQueued(ctx, tx, m)
		if err != nil {
			return err
		}
		if !waited { // it was to be forgotten meanwhile
			c.journal.forget(m)
		}
	}
	for channel, at := range c.settled {
		if _, err := tx.NewRaw("DELETE FROM queued WHERE channel = ? AND (position, part) <= (?, ?)",
			channel, at.position, at.part).Exec(ctx); err != nil {
			return err
		}
	}
	if err := c.journal.append(ctx, tx); err != nil {
		return err
	}
	for channel := range c.settled {
		// An event of which some messages still wait is not done.
		if _, err := tx.NewRaw(`UPDATE deliveries SET outcome = ? WHERE channel = ? AND outcome = ? AND event_id =
			(SELECT event_id FROM queued WHERE channel = ? ORDER BY position, part LIMIT 1)`,
			outcomeQueued, channel, outcomeOK.String(), channel).Exec(ctx); err != nil {
			return err
		}
	}
	return park(ctx, tx, c.parked)
}

// replaceQueued puts a resync message in the place of one that waits, and reports whether there is such a one.
func replaceQueued(ctx context.Context, tx bun.Tx, m outgoing) (waited bool, err error) {
	done, err := tx.NewRaw(`UPDATE queued SET name = ?, data = ?, resync = 1, base = '', sent_at = 0, attempts = 0
		WHERE channel = ? AND position = ? AND part = ? AND resync = 0`,
		m.Name, string(m.data), m.Channel, m.Envelope.Position, m.Envelope.Part).Exec(ctx)
	if err != nil {
		return false, err
	}
	n, err := done.RowsAffected()
	return n > 0, err
}

// park makes channels wait for an operator.
func park(ctx context.Context, tx bun.Tx, rows []*parkedRow) error {
	for _, row := range rows {
		if _, err := tx.NewInsert().Model(row).On("CONFLICT (channel) DO NOTHING").Exec(ctx); err != nil {
			return err
		}
		if _, err := tx.NewRaw("UPDATE deliveries SET outcome = ? WHERE channel = ? AND outcome = ?",
			outcomeParked, row.Channel, outcomeQueued).Exec(ctx); err != nil {
			return err
		}
	}
	return nil
}

// takeNext returns the next arrays of a channel: those that are fixed already, or one that is put together now, and is durably so
// before anybody sends it.
func takeNext(ctx context.Context, tx bun.Tx, channel string, now time.Time) ([]array, error) {
	var rows []queuedRow
	if err := tx.NewSelect().Model(&rows).Where("channel = ?", channel).OrderExpr("position, part").
		Limit(maxArrayMessages).Scan(ctx); err != nil || len(rows) == 0 {
		return nil, err
	}
	head := rows[0]
	end := slices.IndexFunc(rows, func(r queuedRow) bool { return r.Base != head.Base })
	if end < 0 {
		end = len(rows)
	}
	var messages []outgoing
	for _, r := range rows[:end] {
		m, err := r.message()
		if err != nil {
			return nil, err
		}
		messages = append(messages, m)
	}
	if head.Base != "" {
		return fixedArrays(messages, head), nil
	}
	arrays := split(messages)
	first := arrays[0]
	last := first.messages[len(first.messages)-1].place()
	_, err := tx.NewRaw("UPDATE queued SET base = ?, sent_at = ? WHERE channel = ? AND (position, part) <= (?, ?)",
		first.base(), now.UnixMicro(), channel, last.position, last.part).Exec(ctx)
	return arrays[:1], err
}

// fixedArrays makes an array again that may have been sent. When some of its messages are gone, it was refused as a whole, and they
// went out one by one: so do the others.
func fixedArrays(messages []outgoing, head queuedRow) []array {
	a := newArray(messages)
	all := []array{a}
	if a.base() != head.Base {
		all = a.singles()
	}
	for i := range all {
		all[i].first, all[i].doubt = time.UnixMicro(head.SentAt), true
	}
	return all
}

// room fails with ErrParkedFull when a parked channel has no room for what the plan has for it.
func (s state) room(ctx context.Context, messages []outgoing) error {
	var full []struct {
		Channel string `bun:"channel"`
		Count   int    `bun:"count"`
	}
	if err := s.db.Read.NewRaw(`SELECT q.channel AS channel, count(*) AS count FROM queued AS q
		JOIN parked AS p ON p.channel = q.channel GROUP BY q.channel`).Scan(ctx, &full); err != nil {
		return fmt.Errorf("count what is parked: %w", err)
	}
	for _, f := range full {
		for _, m := range messages {
			if m.Channel == f.Channel {
				f.Count++
			}
		}
		if f.Count > MaxParkedMessages {
			return fmt.Errorf("%w: %s", ErrParkedFull, f.Channel)
		}
	}
	return nil
}

// backlog returns the channels with messages in durable queues, and those that are parked.
func (s state) backlog(ctx context.Context) (channels []string, parked map[string]*parkedRow, err error) {
	err = s.db.Snapshot(ctx, func(ctx context.Context, tx bun.Tx) error {
		channels, parked = nil, map[string]*parkedRow{}
		if err := tx.NewSelect().Model((*queuedRow)(nil)).ColumnExpr("DISTINCT channel").OrderExpr("channel").Scan(ctx, &channels); err != nil {
			return err
		}
		var rows []*parkedRow
		err := tx.NewSelect().Model(&rows).Scan(ctx)
		for _, r := range rows {
			parked[r.Channel] = r
		}
		return err
	})
	if err != nil {
		return nil, nil, fmt.Errorf("load queues: %w", err)
	}
	return channels, parked, nil
}
