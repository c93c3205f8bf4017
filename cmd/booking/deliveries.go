package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/urfave/cli/v3"

	"github.com/royalglow/booking/internal/httpapi"
	"github.com/royalglow/booking/publishers"
)

// deliveriesCommand groups what concerns the delivery of messages.
func (p *program) deliveriesCommand() *cli.Command {
	return &cli.Command{
		Name: "deliveries", Usage: "the realtime messages: what became of them, to hold them back, and to send them after all or again",
		Description: "On a running engine (-data or -url) or, when none runs on the folder, on its database itself.",
		Commands: []*cli.Command{
			p.deliveriesListCommand(), p.deliveriesShowCommand(), p.deliveriesParkedCommand(), p.deliveriesRedriveCommand(),
			p.deliveriesReplayCommand(), p.deliveriesPauseCommand(), p.deliveriesResumeCommand(),
		},
		Action: groupAction,
	}
}

// deliveryPage is what "deliveries list -json" prints.
type deliveryPage struct {
	Deliveries []publishers.Delivered    `json:"deliveries"`
	Next       publishers.DeliveryCursor `json:"next,omitempty"`
}

func (p *program) deliveriesListCommand() *cli.Command {
	var f deskFlags
	var s publishers.DeliverySearch
	var after string
	return &cli.Command{
		Name: "list", Usage: "search the delivery log, the latest events first",
		Flags: f.flags(p,
			&cli.StringFlag{Name: "entity", Destination: &s.Entity, Usage: "only of this booking, leave or branch: its `ID`"},
			&cli.StringFlag{Name: "channel", Destination: &s.Channel, Usage: "only on this `CHANNEL`"},
			&cli.StringFlag{Name: "trace", Destination: &s.TraceID, Usage: "only what this trace has caused: its `ID`"},
			&cli.StringFlag{Name: "outcome", Destination: &s.Outcome, Usage: "only " + strings.Join(publishers.Outcomes(), ", ") + ": permanent where a message was refused for good"},
			&cli.IntFlag{Name: "limit", Destination: &s.Limit, Value: publishers.DefaultDeliveries, Usage: "how many, at most " + strconv.Itoa(publishers.MaxDeliveries)},
			&cli.StringFlag{Name: "after", Destination: &after, Usage: "go on with the page that begins at this `CURSOR`"},
		),
		Action: func(ctx context.Context, cmd *cli.Command) error {
			if err := noArgs(cmd); err != nil {
				return err
			}
			s.After = publishers.DeliveryCursor(after)
			switch {
			case s.Limit < 1 || s.Limit > publishers.MaxDeliveries:
				return usagef("-limit %d: from 1 to %d", s.Limit, publishers.MaxDeliveries)
			case s.Outcome != "" && !slices.Contains(publishers.Outcomes(), s.Outcome):
				return usagef("-outcome %q: one of %s", s.Outcome, strings.Join(publishers.Outcomes(), ", "))
			case !s.After.Valid():
				return usagef("-after %q: %w", after, publishers.ErrDeliveryCursor)
			}
			return p.atDeliveries(ctx, f, func(log httpapi.Deliveries) error {
				page, next, err := log.Find(ctx, s)
				if err != nil {
					return err
				}
				return p.answer(f.opsFlags, deliveryPage{page, next}, deliveryWords(page, next))
			})
		},
	}
}

// eventDeliveries is what "deliveries show -json" prints.
type eventDeliveries struct {
	Deliveries []publishers.Delivered `json:"deliveries"`
	Refused    []publishers.Refused   `json:"refused"`
}

func (p *program) deliveriesShowCommand() *cli.Command {
	var f deskFlags
	return &cli.Command{
		Name: "show", Usage: "what became of one event on all channels", ArgsUsage: "EVENT-ID", Flags: f.flags(p),
		Action: func(ctx context.Context, cmd *cli.Command) error {
			id, err := oneArg(cmd, "the event's id")
			if err != nil {
				return err
			}
			return p.atDeliveries(ctx, f, func(log httpapi.Deliveries) error {
				var a eventDeliveries
				if a.Deliveries, a.Refused, err = log.Event(ctx, id); err != nil {
					return err
				}
				if len(a.Deliveries)+len(a.Refused) == 0 {
					return fmt.Errorf("nothing of an event %s is in the delivery log", id)
				}
				return p.answer(f.opsFlags, a, deliveryWords(a.Deliveries, "")+refusedWords(a.Refused))
			})
		},
	}
}

func (p *program) deliveriesPauseCommand() *cli.Command {
	return p.pausingCommand("pause", "hold the publisher back until it is resumed; nothing is lost",
		func(ctx context.Context, log httpapi.Deliveries) (publishers.Pausing, error) {
			return log.Pause(ctx, httpapi.OperatorID)
		})
}

func (p *program) deliveriesResumeCommand() *cli.Command {
	return p.pausingCommand("resume", "end a pause: what has waited is published, in order",
		func(ctx context.Context, log httpapi.Deliveries) (publishers.Pausing, error) { return log.Resume(ctx) })
}

func (p *program) pausingCommand(
	name, usage string, change func(context.Context, httpapi.Deliveries) (publishers.Pausing, error),
) *cli.Command {
	var f deskFlags
	return &cli.Command{
		Name: name, Usage: usage, Flags: f.flags(p),
		Action: func(ctx context.Context, cmd *cli.Command) error {
			if err := noArgs(cmd); err != nil {
				return err
			}
			return p.atDeliveries(ctx, f, func(log httpapi.Deliveries) error {
				state, err := change(ctx, log)
				if err != nil {
					return err
				}
				return p.answer(f.opsFlags, state, pausingWords(state))
			})
		},
	}
}

// atDeliveries lets do work at a running engine, or on the database of a folder on which none runs.
func (p *program) atDeliveries(ctx context.Context, f deskFlags, do func(httpapi.Deliveries) error) error {
	client, err := p.findEngine(f)
	if err != nil {
		return err
	}
	if client == nil {
		return p.atOwnDeliveries(ctx, f, do)
	}
	return do(remoteDeliveries{client})
}

func (p *program) atOwnDeliveries(ctx context.Context, f deskFlags, do func(httpapi.Deliveries) error) (err error) {
	e, _, err := p.openStopped(ctx, f)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, e.Close()) }() //nolint:contextcheck // what is closed must not stay open because a context has ended
	if err := e.openOutbox(ctx); err != nil {
		return err
	}
	return do(publishers.Operator{DB: e.outbox})
}

// remoteDeliveries asks a running engine, which knows by the token who asks.
type remoteDeliveries struct{ client *opsClient }

func (d remoteDeliveries) Find(ctx context.Context, s publishers.DeliverySearch) ([]publishers.Delivered, publishers.DeliveryCursor, error) {
	q := url.Values{"limit": {strconv.Itoa(s.Limit)}}
	for name, value := range map[string]string{
		"entity": s.Entity, "channel": s.Channel, "traceId": s.TraceID, "outcome": s.Outcome, "cursor": string(s.After),
	} {
		if value != "" {
			q.Set(name, value)
		}
	}
	var page deliveryPage
	err := d.client.do(ctx, http.MethodGet, "/api/ops/deliveries?"+q.Encode(), nil, &page)
	return page.Deliveries, page.Next, err
}

func (d remoteDeliveries) Event(ctx context.Context, id string) ([]publishers.Delivered, []publishers.Refused, error) {
	var a eventDeliveries
	err := d.client.do(ctx, http.MethodGet, "/api/ops/deliveries/"+url.PathEscape(id), nil, &a)
	return a.Deliveries, a.Refused, err
}

func (d remoteDeliveries) Pause(ctx context.Context, _ string) (s publishers.Pausing, err error) {
	return s, d.client.do(ctx, http.MethodPost, "/api/ops/deliveries/pause", nil, &s)
}

func (d remoteDeliveries) Resume(ctx context.Context) (s publishers.Pausing, err error) {
	return s, d.client.do(ctx, http.MethodPost, "/api/ops/deliveries/resume", nil, &s)
}
