package httpapi

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/eventstore"
	"github.com/royalglow/booking/publishers"
)

// redeliveryRoutes are those of what is to be sent after all, or once more.
func (s *server) redeliveryRoutes() {
	const forOperators = "For owners and developers. "
	register(s, operation{
		id: "listParked", method: http.MethodGet, path: deliveriesPath + "/parked", tag: opsTag,
		summary: "The channels whose messages wait for an operator", detail: forOperators + "Those that wait the longest first.",
	}, s.listParked)
	register(s, operation{
		id: "redriveDeliveries", method: http.MethodPost, path: deliveriesPath + "/redrive", tag: opsTag, body: redriveWish{},
		summary: "Let parked channels go on",
		detail: forOperators + "Give a channel, a reason, or all. The messages are sent in order, those that came since as well. What is " +
			"refused again is parked again.",
	}, s.redriveDeliveries)
	register(s, operation{
		id: "listReplays", method: http.MethodGet, path: deliveriesPath + "/replays", tag: opsTag,
		summary: "The replays that were asked for, and how far they are", detail: forOperators + "The last " + strconv.Itoa(publishers.MaxReplays) + ", the last one first.",
	}, s.listReplays)
	register(s, operation{
		id: "replayDeliveries", method: http.MethodPost, path: deliveriesPath + "/replays", tag: opsTag, body: replayWish{}, status: http.StatusAccepted,
		summary: "Send the messages of a range of the log again",
		detail: forOperators + "In order, marked as redeliveries, whenever nothing else is to be sent. Pages that hold something newer drop them. " +
			"A dry run only counts. Without realtime the answer is 503.",
	}, s.replayDeliveries)
}

type parkedOutput struct {
	Body struct {
		Parked []publishers.Parked `json:"parked" doc:"Those that wait the longest first."`
	}
}

func (s *server) listParked(ctx context.Context, _ *noInput) (*parkedOutput, error) {
	if err := sessionOf(ctx).operatorsOnly(); err != nil {
		return nil, err
	}
	var err error
	out := &parkedOutput{}
	out.Body.Parked, err = s.Deliveries.Parked(ctx)
	if err != nil {
		return nil, err
	}
	return out, nil
}

type redriveWish struct {
	Channel *string `json:"channel,omitempty" pattern:"^[0-9A-Za-z:_-]{1,200}$" doc:"This channel."`
	Why     *string `json:"why,omitempty" enum:"refused,attempts,unreadable" doc:"All that were parked for this reason."`
	All     bool    `json:"all,omitempty" doc:"All that are parked."`
	DryRun  bool    `json:"dryRun,omitempty" doc:"Only say which these are."`
}

// read returns what is wished; faults are the mistakes that were found before.
func (w redriveWish) read(s *server, faults []Field) (publishers.Redrive, error) {
	r := publishers.Redrive{All: w.All, DryRun: w.DryRun}
	r.Channel, faults = s.channelWish(w.Channel, faults)
	if w.Why != nil && !named(faults, "/why") {
		if r.Why = *w.Why; !slices.Contains(publishers.ParkedReasons(), r.Why) {
			faults = append(faults, Field{Pointer: "/why", Message: "must be one of " + strings.Join(publishers.ParkedReasons(), ", ")})
		}
	}
	if err := r.Check(); err != nil && len(faults) == 0 {
		faults = append(faults, Field{Pointer: "", Message: err.Error()})
	}
	if len(faults) > 0 {
		return r, wrongRequest(faults)
	}
	return r, nil
}

// channelWish reads the name of a channel that a body may have.
func (s *server) channelWish(name *string, faults []Field) (string, []Field) {
	if name == nil || named(faults, "/channel") {
		return "", faults
	}
	for _, f := range s.logSearches {
		if f.name == "channel" && !f.form.MatchString(*name) {
			faults = append(faults, Field{Pointer: "/channel", Message: f.message})
		}
	}
	return *name, faults
}

type redrivenOutput struct{ Body publishers.Redriven }

func (s *server) redriveDeliveries(ctx context.Context, in *BodyInput) (*redrivenOutput, error) {
	if err := sessionOf(ctx).operatorsOnly(); err != nil {
		return nil, err
	}
	wish, faults, err := decodeAll[redriveWish](in.RawBody, shape{})
	if err != nil {
		return nil, err
	}
	redrive, err := wish.read(s, faults)
	if err != nil {
		return nil, err
	}
	if !redrive.DryRun {
		s.operated(ctx, "redrive", "publisher")
	}
	done, err := s.Deliveries.Redrive(ctx, redrive)
	if errors.Is(err, publishers.ErrNotParked) {
		return nil, domain.Refuse(domain.NotFound, domain.CodeNotFound, "nothing like that is parked")
	}
	if err != nil {
		return nil, err
	}
	return &redrivenOutput{Body: done}, nil
}

type replaysOutput struct {
	Body struct {
		Replays []publishers.Replaying `json:"replays" doc:"The last one first."`
	}
}

func (s *server) listReplays(ctx context.Context, _ *noInput) (*replaysOutput, error) {
	if err := sessionOf(ctx).operatorsOnly(); err != nil {
		return nil, err
	}
	var err error
	out := &replaysOutput{}
	out.Body.Replays, err = s.Deliveries.Replays(ctx)
	if err != nil {
		return nil, err
	}
	return out, nil
}

type replayWish struct {
	From    eventstore.Position `json:"from" minimum:"1" doc:"Position of the first event."`
	To      eventstore.Position `json:"to" minimum:"1" doc:"Position of the last event; not before the first, and not after the log's last."`
	Channel *string             `json:"channel,omitempty" pattern:"^[0-9A-Za-z:_-]{1,200}$" doc:"Only on this channel."`
	DryRun  bool                `json:"dryRun,omitempty" doc:"Only count."`
}

// read returns what is wished; faults are the mistakes that were found before.
func (w replayWish) read(s *server, faults []Field) (publishers.Replay, error) {
	r := publishers.Replay{From: w.From, To: w.To, DryRun: w.DryRun}
	before := len(faults)
	for _, at := range []struct {
		pointer string
		is      eventstore.Position
	}{{"/from", w.From}, {"/to", w.To}} {
		if at.is < 1 && !named(faults, at.pointer) {
			faults = append(faults, Field{Pointer: at.pointer, Message: "must be 1 or more"})
		}
	}
	if len(faults) == before && w.To > 0 && w.From > w.To {
		faults = append(faults, Field{Pointer: "/from", Message: reversed}, Field{Pointer: "/to", Message: reversed})
	}
	r.Channel, faults = s.channelWish(w.Channel, faults)
	if len(faults) > 0 {
		return r, wrongRequest(faults)
	}
	return r, nil
}

const reversed = "the range is reversed: from is after to"

type replayOutput struct{ Body publishers.Replaying }

func (s *server) replayDeliveries(ctx context.Context, in *BodyInput) (*replayOutput, error) {
	if err := sessionOf(ctx).operatorsOnly(); err != nil {
		return nil, err
	}
	wish, faults, err := decodeAll[replayWish](in.RawBody, shape{})
	if err != nil {
		return nil, err
	}
	replay, err := wish.read(s, faults)
	if err != nil {
		return nil, err
	}
	if !replay.DryRun {
		if s.Realtime != nil && s.Realtime() == string(publishers.NotConfigured) {
			return nil, domain.Refuse(domain.Unavailable, domain.CodeUnavailable, "realtime is not configured: nothing can be sent")
		}
		replay.By = s.operated(ctx, "replay", "publisher")
	}
	begun, err := s.Deliveries.Replay(ctx, replay)
	if errors.Is(err, publishers.ErrReplayRange) {
		return nil, wrongField("", err.Error())
	}
	if err != nil {
		return nil, err
	}
	return &replayOutput{Body: begun}, nil
}
