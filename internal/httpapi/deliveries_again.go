package httpapi

import (
	"context"
	"errors"
	"net/http"
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
	Channel string `json:"channel,omitempty" maxLength:"200" pattern:"^[0-9A-Za-z:_-]+$" doc:"This channel."`
	Why     string `json:"why,omitempty" enum:"refused,attempts" doc:"All that were parked for this reason."`
	All     bool   `json:"all,omitempty" doc:"All that are parked."`
	DryRun  bool   `json:"dryRun,omitempty" doc:"Only say which these are."`
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
	if wish.Channel != "" && !isChannel(wish.Channel) {
		faults = append(faults, Field{Pointer: "/channel", Message: noChannel})
	}
	redrive := publishers.Redrive(wish)
	if err := redrive.Check(); err != nil && len(faults) == 0 {
		faults = append(faults, Field{Pointer: "", Message: err.Error()})
	}
	if len(faults) > 0 {
		return nil, wrongRequest(faults)
	}
	if !wish.DryRun {
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
	To      eventstore.Position `json:"to" minimum:"1" doc:"Position of the last event."`
	Channel string              `json:"channel,omitempty" maxLength:"200" pattern:"^[0-9A-Za-z:_-]+$" doc:"Only on this channel."`
	DryRun  bool                `json:"dryRun,omitempty" doc:"Only count."`
}

const noChannel = "must be the name of a channel"

// isChannel reports whether a channel can have the name.
func isChannel(name string) bool {
	return len(name) <= 200 && !strings.ContainsFunc(name, func(r rune) bool {
		return (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z') && r != ':' && r != '_' && r != '-'
	})
}

type replayOutput struct{ Body publishers.Replaying }

func (s *server) replayDeliveries(ctx context.Context, in *BodyInput) (*replayOutput, error) {
	if err := sessionOf(ctx).operatorsOnly(); err != nil {
		return nil, err
	}
	wish, faults, err := decodeAll[replayWish](in.RawBody, shape{})
	if err != nil {
		return nil, err
	}
	if wish.Channel != "" && !isChannel(wish.Channel) {
		faults = append(faults, Field{Pointer: "/channel", Message: noChannel})
	}
	if len(faults) > 0 {
		return nil, wrongRequest(faults)
	}
	if s.Realtime != nil && s.Realtime() == string(publishers.NotConfigured) && !wish.DryRun {
		return nil, domain.Refuse(domain.Unavailable, domain.CodeUnavailable, "realtime is not configured: nothing can be sent")
	}
	by := sessionOf(ctx).UserID
	if !wish.DryRun {
		by = s.operated(ctx, "replay", "publisher")
	}
	begun, err := s.Deliveries.Replay(ctx, publishers.Replay{From: wish.From, To: wish.To, Channel: wish.Channel, By: by, DryRun: wish.DryRun})
	if errors.Is(err, publishers.ErrReplayRange) {
		return nil, wrongField("", err.Error())
	}
	if err != nil {
		return nil, err
	}
	return &replayOutput{Body: begun}, nil
}
