package main

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/urfave/cli/v3"

	"github.com/royalglow/booking/internal/eventstore"
	"github.com/royalglow/booking/internal/httpapi"
	"github.com/royalglow/booking/publishers"
)

// parkedList is what "deliveries parked -json" prints.
type parkedList struct {
	Parked []publishers.Parked `json:"parked"`
}

func (p *program) deliveriesParkedCommand() *cli.Command {
	var f deskFlags
	return &cli.Command{
		Name: "parked", Usage: "the channels whose messages wait for an operator", Flags: f.flags(p),
		Action: func(ctx context.Context, cmd *cli.Command) error {
			if err := noArgs(cmd); err != nil {
				return err
			}
			return p.atDeliveries(ctx, f, func(log httpapi.Deliveries) error {
				parked, err := log.Parked(ctx)
				if err != nil {
					return err
				}
				return p.answer(f.opsFlags, parkedList{parked}, parkedWords(parked))
			})
		},
	}
}

func (p *program) deliveriesRedriveCommand() *cli.Command {
	var f deskFlags
	var r publishers.Redrive
	return &cli.Command{
		Name: "redrive", Usage: "let parked channels go on: one, those that were parked for a reason, or all", ArgsUsage: "[CHANNEL]",
		Flags: f.flags(p,
			&cli.StringFlag{Name: "why", Destination: &r.Why, Usage: "those that were parked for this reason: refused, attempts or unreadable"},
			&cli.BoolFlag{Name: "all", Destination: &r.All, Usage: "all that are parked"},
			&cli.BoolFlag{Name: "dry-run", Destination: &r.DryRun, Usage: "only say which these are"},
		),
		Action: func(ctx context.Context, cmd *cli.Command) error {
			if cmd.Args().Len() > 0 {
				var err error
				if r.Channel, err = oneArg(cmd, "a channel"); err != nil {
					return err
				}
			}
			switch reasons := publishers.ParkedReasons(); {
			case r.Why != "" && !slices.Contains(reasons, r.Why):
				return usagef("-why %q: one of %s", r.Why, strings.Join(reasons, ", "))
			case r.Check() != nil:
				return usagef("say one of these: the CHANNEL that is to go on, -why %s, or -all", strings.Join(reasons, ", -why "))
			}
			return p.atDeliveries(ctx, f, func(log httpapi.Deliveries) error {
				done, err := log.Redrive(ctx, r)
				if err != nil {
					return err
				}
				_, running := log.(remoteDeliveries)
				return p.answer(f.opsFlags, done, redrivenWords(done, running))
			})
		},
	}
}

// replayFlags are what is said of a replay.
type replayFlags struct {
	deskFlags

	from, to uint64
	channel  string
	dryRun   bool
	noWait   bool
}

func (p *program) deliveriesReplayCommand() *cli.Command {
	var f replayFlags
	return &cli.Command{
		Name: "replay", Usage: "send the messages of a range of the log again", Flags: f.flags(p,
			&cli.Uint64Flag{Name: "from", Destination: &f.from, Required: true, Usage: "the `POSITION` of the first event"},
			&cli.Uint64Flag{Name: "to", Destination: &f.to, Required: true, Usage: "the `POSITION` of the last event"},
			&cli.StringFlag{Name: "channel", Destination: &f.channel, Usage: "only on this `CHANNEL`"},
			&cli.BoolFlag{Name: "dry-run", Destination: &f.dryRun, Usage: "only count"},
			&cli.BoolFlag{Name: "no-wait", Destination: &f.noWait, Usage: "do not wait until it is done"},
		),
		Description: "Messages go out in order, marked as redeliveries, whenever nothing else is to be sent. Pages that hold something newer drop them.",
		Action: func(ctx context.Context, cmd *cli.Command) error {
			if err := noArgs(cmd); err != nil {
				return err
			}
			switch {
			case f.from < 1:
				return usagef("-from 0: positions begin at 1")
			case f.from > f.to:
				return usagef("-from %d -to %d: the range is reversed", f.from, f.to)
			}
			return p.atDeliveries(ctx, f.deskFlags, func(log httpapi.Deliveries) error { return p.replay(ctx, log, f) })
		},
	}
}

func (p *program) replay(ctx context.Context, log httpapi.Deliveries, f replayFlags) error {
	begun, err := log.Replay(ctx, publishers.Replay{
		From: eventstore.Position(f.from), To: eventstore.Position(f.to), Channel: f.channel, By: httpapi.OperatorID, DryRun: f.dryRun,
	})
	if err != nil {
		return err
	}
	if f.dryRun || f.noWait {
		return p.answer(f.opsFlags, begun, replayWords(begun))
	}
	show := p.newProgress(f.json)
	defer show.end()
	tick := time.NewTicker(lookAtBuild)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return errors.New("stopped waiting: the replay goes on as long as an engine runs")
		case <-tick.C:
		}
		all, err := log.Replays(ctx)
		if err != nil {
			return err
		}
		i := slices.IndexFunc(all, func(r publishers.Replaying) bool { return r.ID == begun.ID })
		if i < 0 {
			return fmt.Errorf("%d newer replays were asked for meanwhile: this one cannot be followed any more", publishers.MaxReplays)
		}
		if now := all[i]; !now.FinishedAt.IsZero() {
			now.Events, now.Channels = begun.Events, begun.Channels
			return p.answer(f.opsFlags, now, replayWords(now))
		}
		if show.due() {
			show.showReplay(all[i], begun.Messages)
		}
	}
}

func (d remoteDeliveries) Parked(ctx context.Context) ([]publishers.Parked, error) {
	var list parkedList
	err := d.client.do(ctx, http.MethodGet, "/api/ops/deliveries/parked", nil, &list)
	return list.Parked, err
}

func (d remoteDeliveries) Redrive(ctx context.Context, r publishers.Redrive) (done publishers.Redriven, err error) {
	wish := map[string]any{"dryRun": r.DryRun}
	switch {
	case r.Channel != "":
		wish["channel"] = r.Channel
	case r.Why != "":
		wish["why"] = r.Why
	default:
		wish["all"] = r.All
	}
	return done, d.client.do(ctx, http.MethodPost, "/api/ops/deliveries/redrive", wish, &done)
}

func (d remoteDeliveries) Replay(ctx context.Context, r publishers.Replay) (begun publishers.Replaying, err error) {
	wish := map[string]any{"from": r.From, "to": r.To, "dryRun": r.DryRun}
	if r.Channel != "" {
		wish["channel"] = r.Channel
	}
	return begun, d.client.do(ctx, http.MethodPost, "/api/ops/deliveries/replays", wish, &begun)
}

func (d remoteDeliveries) Replays(ctx context.Context) ([]publishers.Replaying, error) {
	var list struct {
		Replays []publishers.Replaying `json:"replays"`
	}
	err := d.client.do(ctx, http.MethodGet, "/api/ops/deliveries/replays", nil, &list)
	return list.Replays, err
}
