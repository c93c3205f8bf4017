package httpapi

import (
	"context"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/royalglow/booking/internal/eventstore"
	"github.com/royalglow/booking/projections"
)

// Projections does what operators ask of the read models, as *projections.Operator does.
type Projections interface {
	Overview(ctx context.Context) (projections.Overview, error)
	Status(ctx context.Context, name string) (projections.Status, error)
	Rebuild(ctx context.Context, name string, r projections.Rebuild) (projections.Build, error)
	Build(ctx context.Context, name string, generation int64) (projections.Build, error)
	Cancel(ctx context.Context, name, by string) (projections.Build, error)
	Rollback(ctx context.Context, name string) (projections.Build, error)
	Pause(ctx context.Context, name, by string) (projections.Status, error)
	Resume(ctx context.Context, name string) (projections.Status, error)
	Skip(ctx context.Context, name string, at eventstore.Position, by string) (projections.Skipped, error)
	RebuildStream(ctx context.Context, name, stream string) (projections.StreamRebuild, error)
	Audit(ctx context.Context, name string, o projections.AuditOptions) (projections.AuditReport, error)
}

const projectionsPath = "/api/ops/projections"

func (s *server) projectionRoutes() {
	const one, forOperators = projectionsPath + "/{id}", "For owners and developers. "
	register(s, operation{
		id: "listProjections", method: http.MethodGet, path: projectionsPath, tag: opsTag,
		summary: "What all read models are doing", detail: forOperators + "Whichever instance runs them.",
	}, s.listProjections)
	register(s, operation{
		id: "getProjection", method: http.MethodGet, path: one, checksParameters: true, tag: opsTag,
		summary: "What one read model is doing", detail: forOperators + "Whichever instance runs it.",
	}, s.getProjection)
	register(s, operation{
		id: "rebuildProjection", method: http.MethodPost, path: one + "/rebuild", checksParameters: true, tag: opsTag, status: http.StatusAccepted,
		body: rebuildWish{}, bodyOptional: true, summary: "Build a read model anew from the log, beside the one that is read",
		detail: forOperators + "The answer is the generation that is being built; ask for it until it is live or failed. It goes live by itself, " +
			"once it holds what the one before holds. Reads go on meanwhile.",
	}, s.rebuildProjection)
	register(s, operation{
		id: "getGeneration", method: http.MethodGet, path: one + "/generations/{generation}", checksParameters: true, tag: opsTag,
		summary: "How a generation of a read model is, or was, built", detail: forOperators + "Those that are no longer there are known, too.",
	}, s.getGeneration)
	register(s, operation{
		id: "cancelRebuild", method: http.MethodPost, path: one + "/cancel", checksParameters: true, tag: opsTag,
		summary: "Give up the generation that is being built", detail: forOperators + "What is read is not touched.",
	}, s.cancelRebuild)
	register(s, operation{
		id: "rollbackProjection", method: http.MethodPost, path: one + "/rollback", checksParameters: true, tag: opsTag,
		summary: "Let the generation before be read again", detail: forOperators + "At once: it has been kept up to date.",
	}, s.rollbackProjection)
	register(s, operation{
		id: "pauseProjection", method: http.MethodPost, path: one + "/pause", checksParameters: true, tag: opsTag,
		summary: "Stop a read model where it is", detail: forOperators + "What is read stays as it is, until it is resumed.",
	}, s.pauseProjection)
	register(s, operation{
		id: "resumeProjection", method: http.MethodPost, path: one + "/resume", checksParameters: true, tag: opsTag,
		summary: "End a pause of a read model", detail: forOperators + "One that has halted tries again.",
	}, s.resumeProjection)
	register(s, operation{
		id: "skipEvent", method: http.MethodPost, path: one + "/skip", checksParameters: true, tag: opsTag, body: skipWish{}, bodyOptional: true,
		summary: "Let a halted read model pass over the event that it has halted at",
		detail:  forOperators + "The event's stream is set aside from there on, until it is rebuilt.",
	}, s.skipEvent)
	register(s, operation{
		id: "rebuildStream", method: http.MethodPost, path: one + "/rebuild-stream", checksParameters: true, tag: opsTag, body: streamWish{},
		summary: "Make what a read model holds of one stream anew", detail: forOperators + "In all generations that are kept up to date, " +
			"in one transaction. A stream that was set aside is followed again.",
	}, s.rebuildStream)
	register(s, operation{
		id: "auditProjection", method: http.MethodPost, path: one + "/audit", checksParameters: true, tag: opsTag, body: auditWish{}, bodyOptional: true,
		summary: "Compare a sample of a read model's rows with what the log makes of them",
		detail:  forOperators + "Nothing is locked meanwhile, and nothing changed unless it is to heal.",
	}, s.auditProjection)
}

// ProjectionStatus is one read model, as the document calls it.
type ProjectionStatus projections.Status

// ProjectionOverview is all read models at one moment.
type ProjectionOverview struct {
	Position    eventstore.Position `json:"position" doc:"Where the log ends."`
	Projections []ProjectionStatus  `json:"projections" doc:"In a fixed order."`
}

type (
	overviewOutput struct{ Body ProjectionOverview }
	statusOutput   struct{ Body ProjectionStatus }
	buildOutput    struct{ Body projections.Build }
	skippedOutput  struct{ Body projections.Skipped }
)

// ProjectionInput names a read model.
type ProjectionInput struct {
	ID string `path:"id" doc:"The read model's name, such as bookings."`
}

// projectionForm is that of a read model's name.
const projectionForm = "^[a-z]{1,40}$"

// operateOn lets operators pass who name a read model, and reads more parameters.
func (s *server) operateOn(ctx context.Context, name string, more ...func(p *parameters)) error {
	if err := sessionOf(ctx).operatorsOnly(); err != nil {
		return err
	}
	p := s.parameters(ctx)
	if name == "" || len(name) > 40 || strings.ContainsFunc(name, func(r rune) bool { return r < 'a' || r > 'z' }) {
		p.wrong("id", "must be the name of a read model, such as bookings")
	}
	for _, read := range more {
		read(p)
	}
	return p.err()
}

func (s *server) listProjections(ctx context.Context, _ *noInput) (*overviewOutput, error) {
	if err := sessionOf(ctx).operatorsOnly(); err != nil {
		return nil, err
	}
	all, err := s.Projections.Overview(ctx)
	if err != nil {
		return nil, err
	}
	out := &overviewOutput{Body: ProjectionOverview{Position: all.Position}}
	for _, one := range all.Projections {
		out.Body.Projections = append(out.Body.Projections, ProjectionStatus(one))
	}
	return out, nil
}

func (s *server) getProjection(ctx context.Context, in *ProjectionInput) (*statusOutput, error) {
	if err := s.operateOn(ctx, in.ID); err != nil {
		return nil, err
	}
	return newStatusOutput(s.Projections.Status(ctx, in.ID))
}

func newStatusOutput(status projections.Status, err error) (*statusOutput, error) {
	if err != nil {
		return nil, err
	}
	return &statusOutput{Body: ProjectionStatus(status)}, nil
}

func newBuildOutput(b projections.Build, err error) (*buildOutput, error) {
	if err != nil {
		return nil, err
	}
	return &buildOutput{Body: b}, nil
}

// maxBudget bounds by how much a build may slow commands down: more is to be asked for as full speed.
const maxBudget = time.Minute

type rebuildWish struct {
	BudgetMs float64 `json:"budgetMs,omitempty" minimum:"0" maximum:"60000" doc:"By how many milliseconds the 99th percentile of commands may rise meanwhile; none or 0: the build runs at full speed."`
	Force    bool    `json:"force,omitempty" doc:"Let it go live even where it differs from what is read."`
}

// projectionBodyInput names a read model and says more.
type projectionBodyInput struct {
	ProjectionInput
	BodyInput
}

func (s *server) rebuildProjection(ctx context.Context, in *projectionBodyInput) (*buildOutput, error) {
	if err := s.operateOn(ctx, in.ID); err != nil {
		return nil, err
	}
	wish, faults, err := optionalBody[rebuildWish](in.RawBody)
	if err != nil {
		return nil, err
	}
	budget := time.Duration(wish.BudgetMs * float64(time.Millisecond))
	if wish.BudgetMs < 0 || wish.BudgetMs > float64(maxBudget.Milliseconds()) {
		faults = append(faults, Field{Pointer: "/budgetMs", Message: "must be from 0 to " + strconv.FormatInt(maxBudget.Milliseconds(), 10)})
	}
	if len(faults) > 0 {
		return nil, wrongRequest(faults)
	}
	by := s.operated(ctx, "rebuild", in.ID)
	return newBuildOutput(s.Projections.Rebuild(ctx, in.ID, projections.Rebuild{By: by, Budget: budget, Force: wish.Force}))
}

// optionalBody reads a body that may be left out.
func optionalBody[T any](body []byte) (v T, faults []Field, err error) {
	if len(body) == 0 {
		return v, nil, nil
	}
	return decodeAll[T](body, shape{})
}

type generationInput struct {
	ProjectionInput
	Generation string `path:"generation" pattern:"^[1-9][0-9]{0,17}$" doc:"The number of the generation."`
}

func (s *server) getGeneration(ctx context.Context, in *generationInput) (*buildOutput, error) {
	n, err := strconv.ParseInt(in.Generation, 10, 64)
	err = s.operateOn(ctx, in.ID, func(p *parameters) {
		if err != nil || n < 1 || strconv.FormatInt(n, 10) != in.Generation {
			p.wrong("generation", "must be the number of a generation")
		}
	})
	if err != nil {
		return nil, err
	}
	return newBuildOutput(s.Projections.Build(ctx, in.ID, n))
}

func (s *server) cancelRebuild(ctx context.Context, in *ProjectionInput) (*buildOutput, error) {
	if err := s.operateOn(ctx, in.ID); err != nil {
		return nil, err
	}
	return newBuildOutput(s.Projections.Cancel(ctx, in.ID, s.operated(ctx, "cancel", in.ID)))
}

func (s *server) rollbackProjection(ctx context.Context, in *ProjectionInput) (*buildOutput, error) {
	if err := s.operateOn(ctx, in.ID); err != nil {
		return nil, err
	}
	s.operated(ctx, "rollback", in.ID)
	return newBuildOutput(s.Projections.Rollback(ctx, in.ID))
}

func (s *server) pauseProjection(ctx context.Context, in *ProjectionInput) (*statusOutput, error) {
	if err := s.operateOn(ctx, in.ID); err != nil {
		return nil, err
	}
	return newStatusOutput(s.Projections.Pause(ctx, in.ID, s.operated(ctx, "pause", in.ID)))
}

func (s *server) resumeProjection(ctx context.Context, in *ProjectionInput) (*statusOutput, error) {
	if err := s.operateOn(ctx, in.ID); err != nil {
		return nil, err
	}
	s.operated(ctx, "resume", in.ID)
	return newStatusOutput(s.Projections.Resume(ctx, in.ID))
}

type skipWish struct {
	Position *eventstore.Position `json:"position,omitempty" doc:"Where it has halted; another place is refused."`
}

func (s *server) skipEvent(ctx context.Context, in *projectionBodyInput) (*skippedOutput, error) {
	if err := s.operateOn(ctx, in.ID); err != nil {
		return nil, err
	}
	wish, faults, err := optionalBody[skipWish](in.RawBody)
	if err != nil {
		return nil, err
	}
	if len(faults) > 0 {
		return nil, wrongRequest(faults)
	}
	var at eventstore.Position
	if wish.Position != nil {
		at = *wish.Position
	}
	skipped, err := s.Projections.Skip(ctx, in.ID, at, s.operated(ctx, "skip", in.ID))
	if err != nil {
		return nil, err
	}
	return &skippedOutput{Body: skipped}, nil
}

// operated logs what an operator asks for, because not all of it leaves a row, and returns who he is.
func (s *server) operated(ctx context.Context, what, of string) (by string) {
	by = sessionOf(ctx).UserID
	s.log.InfoContext(ctx, "operator", slog.String("asks_for", what), slog.String("of", of), slog.String("by", by))
	return by
}
