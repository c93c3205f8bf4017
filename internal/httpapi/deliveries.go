package httpapi

import (
	"context"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/google/uuid"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/publishers"
)

// Deliveries does what operators ask of delivery, as publishers.Operator does.
type Deliveries interface {
	Find(ctx context.Context, s publishers.DeliverySearch) (page []publishers.Delivered, next publishers.DeliveryCursor, err error)
	Event(ctx context.Context, id string) (delivered []publishers.Delivered, refused []publishers.Refused, err error)
	Pause(ctx context.Context, by string) (publishers.Pausing, error)
	Resume(ctx context.Context) (publishers.Pausing, error)
	Parked(ctx context.Context) ([]publishers.Parked, error)
	Redrive(ctx context.Context, r publishers.Redrive) (publishers.Redriven, error)
	Replay(ctx context.Context, r publishers.Replay) (publishers.Replaying, error)
	Replays(ctx context.Context) ([]publishers.Replaying, error)
}

const deliveriesPath = "/api/ops/deliveries"

func (s *server) deliveryRoutes() {
	s.logSearches = deliveryFilters()
	register(s, operation{
		id: "listDeliveries", method: http.MethodGet, path: deliveriesPath, checksParameters: true, tag: opsTag,
		summary: "Search the delivery log: which messages went out on which channel, when and after how many attempts",
		detail:  "For owners and developers. One entry for each event and channel, those of the latest events first.",
	}, s.listDeliveries)
	register(s, operation{
		id: "getDeliveries", method: http.MethodGet, path: deliveriesPath + "/{eventId}", checksParameters: true, tag: opsTag,
		summary: "What became of one event on all channels",
		detail:  "For owners and developers. With the messages that the realtime service refused for good.",
	}, s.getDeliveries)
	register(s, operation{
		id: "pauseDeliveries", method: http.MethodPost, path: deliveriesPath + "/pause", tag: opsTag,
		summary: "Hold the publisher back, in all instances, until it is resumed",
		detail: "For owners and developers. What is on its way is finished. Bookings go on, and nothing is lost: events wait in the log. " +
			"Pages do not change by themselves meanwhile.",
	}, s.pauseDeliveries)
	register(s, operation{
		id: "resumeDeliveries", method: http.MethodPost, path: deliveriesPath + "/resume", tag: opsTag,
		summary: "End a pause of the publisher", detail: "For owners and developers. What has waited is published, in order.",
	}, s.resumeDeliveries)
	s.redeliveryRoutes()
}

type pausingOutput struct{ Body publishers.Pausing }

func (s *server) pauseDeliveries(ctx context.Context, _ *noInput) (*pausingOutput, error) {
	if err := sessionOf(ctx).operatorsOnly(); err != nil {
		return nil, err
	}
	state, err := s.Deliveries.Pause(ctx, s.operated(ctx, "pause", "publisher"))
	if err != nil {
		return nil, err
	}
	return &pausingOutput{Body: state}, nil
}

func (s *server) resumeDeliveries(ctx context.Context, _ *noInput) (*pausingOutput, error) {
	if err := sessionOf(ctx).operatorsOnly(); err != nil {
		return nil, err
	}
	s.operated(ctx, "resume", "publisher")
	state, err := s.Deliveries.Resume(ctx)
	if err != nil {
		return nil, err
	}
	return &pausingOutput{Body: state}, nil
}

type deliveriesInput struct {
	Entity  string `query:"entity" doc:"Only of this booking, leave or branch."`
	Channel string `query:"channel" doc:"Only on this channel."`
	TraceID string `query:"traceId" doc:"Only what this trace has caused."`
	Outcome string `query:"outcome" doc:"Only with this outcome: ok; permanent where a message was refused for good; queued where messages wait for their channel; parked where they wait for an operator."`
	Cursor  string `query:"cursor" doc:"Next of the page before, with the same filters."`
	Limit   string `query:"limit" doc:"Entries on a page: 1 to 200, 50 unless given."`
}

type deliveriesOutput struct {
	Body struct {
		Deliveries []publishers.Delivered    `json:"deliveries" doc:"Those of the latest events first."`
		Next       publishers.DeliveryCursor `json:"next,omitempty" doc:"The cursor of the next page; missing on the last."`
	}
}

// The forms of what the delivery log is searched by, as the document has them.
const (
	entityForm  = "^[a-z]{1,8}_[0-9A-Za-z]{1,40}$"
	channelForm = "^[0-9A-Za-z:_-]{1,200}$"
	traceForm   = "^[0-9a-f]{32}$"
)

// textFilter is a filter of the delivery log that has a form.
type textFilter struct {
	name    string
	value   func(*deliveriesInput) string
	form    *regexp.Regexp
	message string
}

func deliveryFilters() []textFilter {
	return []textFilter{
		{
			"entity", func(in *deliveriesInput) string { return in.Entity }, regexp.MustCompile(entityForm),
			"must be the id of a booking, leave or branch",
		},
		{"channel", func(in *deliveriesInput) string { return in.Channel }, regexp.MustCompile(channelForm), "must be the name of a channel"},
		{
			"traceId", func(in *deliveriesInput) string { return in.TraceID }, regexp.MustCompile(traceForm),
			"must be the id of a trace: 32 of 0-9 and a-f",
		},
	}
}

func (in *deliveriesInput) search(p *parameters, filters []textFilter) publishers.DeliverySearch {
	s := publishers.DeliverySearch{
		Entity: in.Entity, Channel: in.Channel, TraceID: in.TraceID, Outcome: in.Outcome, After: publishers.DeliveryCursor(in.Cursor),
		Limit: p.limit(in.Limit, publishers.MaxDeliveries),
	}
	for _, f := range filters {
		if value := f.value(in); value != "" && !f.form.MatchString(value) {
			p.wrong(f.name, f.message)
		}
	}
	if s.Outcome != "" && !slices.Contains(publishers.Outcomes(), s.Outcome) {
		p.wrong("outcome", "must be one of "+strings.Join(publishers.Outcomes(), ", "))
	}
	if !s.After.Valid() {
		p.wrong("cursor", "is not one that this list has given")
	}
	return s
}

func (s *server) listDeliveries(ctx context.Context, in *deliveriesInput) (*deliveriesOutput, error) {
	if err := sessionOf(ctx).operatorsOnly(); err != nil {
		return nil, err
	}
	p := s.parameters(ctx)
	search := in.search(p, s.logSearches)
	if err := p.err(); err != nil {
		return nil, err
	}
	page, next, err := s.Deliveries.Find(ctx, search)
	if err != nil {
		return nil, err
	}
	out := &deliveriesOutput{}
	out.Body.Deliveries, out.Body.Next = page, next
	return out, nil
}

type eventDeliveriesInput struct {
	EventID string `path:"eventId" doc:"The event's id."`
}

type eventDeliveriesOutput struct {
	Body struct {
		Deliveries []publishers.Delivered `json:"deliveries" doc:"By channel."`
		Refused    []publishers.Refused   `json:"refused" doc:"The messages that the realtime service refused for good, as they were to be sent."`
	}
}

func (s *server) getDeliveries(ctx context.Context, in *eventDeliveriesInput) (*eventDeliveriesOutput, error) {
	if err := sessionOf(ctx).operatorsOnly(); err != nil {
		return nil, err
	}
	p := s.parameters(ctx)
	id, err := uuid.Parse(in.EventID)
	if err != nil || id.String() != in.EventID {
		p.wrong("eventId", "must be the id of an event, such as 5f0c1f0e-8f3b-4f0e-9b57-0a6f7c3a1f11")
	}
	if err := p.err(); err != nil {
		return nil, err
	}
	out := &eventDeliveriesOutput{}
	out.Body.Deliveries, out.Body.Refused, err = s.Deliveries.Event(ctx, in.EventID)
	if err != nil {
		return nil, err
	}
	if len(out.Body.Deliveries)+len(out.Body.Refused) == 0 {
		return nil, domain.Refuse(domain.NotFound, domain.CodeNotFound, "nothing of such an event is in the delivery log")
	}
	return out, nil
}
