package main

import (
	"context"
	"fmt"
	"net/http"
	"net/url"

	"github.com/royalglow/booking/internal/eventstore"
	"github.com/royalglow/booking/projections"
)

// remoteDesk works at a running engine, which knows by the token who asks.
type remoteDesk struct{ client *opsClient }

func (*remoteDesk) Running() bool { return true }
func (*remoteDesk) Close() error  { return nil }

// Check leaves it to the engine, which waits for room.
func (*remoteDesk) Check(context.Context, projections.Build) error { return nil }

// Work waits: the engine does it.
func (*remoteDesk) Work(ctx context.Context, _ string) error {
	<-ctx.Done()
	return nil
}

func projectionPath(name string) string { return "/api/ops/projections/" + url.PathEscape(name) }

func (d *remoteDesk) Overview(ctx context.Context) (v projections.Overview, err error) {
	return v, d.client.do(ctx, http.MethodGet, "/api/ops/projections", nil, &v)
}

func (d *remoteDesk) Status(ctx context.Context, name string) (s projections.Status, err error) {
	return s, d.client.do(ctx, http.MethodGet, projectionPath(name), nil, &s)
}

func (d *remoteDesk) Rebuild(ctx context.Context, name string, r projections.Rebuild) (b projections.Build, err error) {
	wish := map[string]any{"budgetMs": float64(r.Budget.Microseconds()) / 1000, "force": r.Force}
	return b, d.client.do(ctx, http.MethodPost, projectionPath(name)+"/rebuild", wish, &b)
}

func (d *remoteDesk) Build(ctx context.Context, name string, generation int64) (b projections.Build, err error) {
	return b, d.client.do(ctx, http.MethodGet, fmt.Sprintf("%s/generations/%d", projectionPath(name), generation), nil, &b)
}

func (d *remoteDesk) Cancel(ctx context.Context, name, _ string) (b projections.Build, err error) {
	return b, d.client.do(ctx, http.MethodPost, projectionPath(name)+"/cancel", nil, &b)
}

func (d *remoteDesk) Rollback(ctx context.Context, name string) (b projections.Build, err error) {
	return b, d.client.do(ctx, http.MethodPost, projectionPath(name)+"/rollback", nil, &b)
}

func (d *remoteDesk) Pause(ctx context.Context, name, _ string) (s projections.Status, err error) {
	return s, d.client.do(ctx, http.MethodPost, projectionPath(name)+"/pause", nil, &s)
}

func (d *remoteDesk) Resume(ctx context.Context, name string) (s projections.Status, err error) {
	return s, d.client.do(ctx, http.MethodPost, projectionPath(name)+"/resume", nil, &s)
}

func (d *remoteDesk) Skip(ctx context.Context, name string, at eventstore.Position, _ string) (s projections.Skipped, err error) {
	wish := map[string]any{}
	if at != 0 {
		wish["position"] = at
	}
	return s, d.client.do(ctx, http.MethodPost, projectionPath(name)+"/skip", wish, &s)
}

func (d *remoteDesk) RebuildStream(ctx context.Context, name, stream string) (done projections.StreamRebuild, err error) {
	wish := map[string]any{"stream": stream}
	return done, d.client.do(ctx, http.MethodPost, projectionPath(name)+"/rebuild-stream", wish, &done)
}

func (d *remoteDesk) Audit(ctx context.Context, name string, o projections.AuditOptions) (r projections.AuditReport, err error) {
	wish := map[string]any{"sample": o.Sample, "heal": o.Heal}
	if len(o.Streams) > 0 {
		wish["streams"] = o.Streams
	}
	return r, d.client.do(ctx, http.MethodPost, projectionPath(name)+"/audit", wish, &r)
}
