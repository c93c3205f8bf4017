package httpapi

import (
	"context"
	"net/http"
	"time"

	"github.com/royalglow/booking/commands"
	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/eventstore"
	"github.com/royalglow/booking/projections"
)

const (
	customersTag = "Customers"
	standingPath = "/api/customers/{id}/standing"
)

func (s *server) customerRoutes() {
	register(s, operation{
		id: "getStanding", method: http.MethodGet, path: standingPath, tag: customersTag,
		summary: "Read what counts for or against a customer", detail: "For the desk. One of whom nothing was ever noted is in good " +
			"standing.",
	}, s.getStanding)
	s.actions(operation{
		id: "changeStanding", path: standingPath, tag: customersTag,
		summary: "End that a customer's bookings need a manager", detail: "For managers.",
	}, act(standingPath, "clear", s.Commands.ClearCustomer))
	register(s, operation{
		id: "eraseCustomer", method: http.MethodPost, path: "/api/ops/customers/{id}/erase", tag: opsTag,
		summary: "Forget a customer as a person",
		detail: "For owners and developers. Deletes the keys of all texts about him, wherever the log has been copied, his name and " +
			"his calendar link. A guest is named by his booking. The answer tells what was deleted, in all erasures of him together; zeros " +
			"when nothing was known of him.",
	}, s.eraseCustomer)
}

type standingInput struct {
	ID string `path:"id" doc:"The customer's user id."`
	PositionInput
}

type standingOutput struct {
	ETag string `header:"ETag" doc:"The revision; missing as long as nothing was noted."`
	Body StandingView
}

// StandingView is a standing as the desk reads it.
type StandingView struct {
	projections.Standing
	// Revision takes the place of the model's, which has a number for "nothing yet" as well.
	Revision *eventstore.Revision `json:"revision,omitempty" doc:"What If-Match wants, without the quotes; missing as long as nothing was noted."`
}

func (s *server) getStanding(ctx context.Context, in *standingInput) (*standingOutput, error) {
	if err := sessionOf(ctx).deskOnly(); err != nil {
		return nil, err
	}
	p := s.parameters(ctx)
	id, lowest := p.id("id", domain.UserPrefix, in.ID), p.position(in.MinPosition)
	if err := p.err(); err != nil {
		return nil, err
	}
	standing, err := s.Queries.CustomerStanding(ctx, id, lowest)
	if err != nil {
		return nil, err
	}
	out := &standingOutput{Body: StandingView{Standing: standing}}
	if standing.Revision != eventstore.NoStream {
		out.ETag, out.Body.Revision = etag(standing.Revision), &standing.Revision
	}
	return out, nil
}

type eraseInput struct {
	ID string `path:"id" doc:"The customer's user id, or the booking's of a guest."`
	CommandInput
}

type erasureOutput struct{ Body ErasureView }

// ErasureView is what was deleted of a customer, in all erasures of him together.
type ErasureView struct {
	CustomerID string    `json:"customerId"`
	ErasedAt   time.Time `json:"erasedAt" doc:"When it was last done."`
	Notes      int       `json:"notes" doc:"Texts of notes."`
	Contacts   int       `json:"contacts" doc:"Names and telephone numbers that a guest gave."`
	Names      int       `json:"names" doc:"Names in the directory."`
	Calendars  int       `json:"calendars" doc:"Links to calendars."`
}

func (s *server) eraseCustomer(ctx context.Context, in *eraseInput) (*erasureOutput, error) {
	options, faults, err := request{headed: &in.CommandInput}.head([]pathField{{name: "id", kind: "subject"}})
	if err != nil {
		return nil, err
	}
	if len(faults) > 0 {
		return nil, wrongRequest(faults)
	}
	receipt, err := s.Commands.EraseCustomer(ctx, sessionOf(ctx).caller(), options, commands.EraseCustomer{CustomerID: in.ID})
	if err != nil {
		return nil, err
	}
	r, err := s.Erasures.Report(ctx, in.ID, receipt.Position)
	if err != nil {
		return nil, err
	}
	return &erasureOutput{Body: ErasureView{
		CustomerID: in.ID, ErasedAt: time.UnixMicro(r.ErasedAt).UTC(),
		Notes: r.Notes, Contacts: r.Contacts, Names: r.Names, Calendars: r.Calendars,
	}}, nil
}
