package projections_test

import (
	"cmp"
	"context"
	"slices"
	"testing"
	"time"

	"github.com/royalglow/booking/internal/database"
	"github.com/royalglow/booking/internal/database/databasetest"
	"github.com/royalglow/booking/internal/nodelog"
	"github.com/royalglow/booking/internal/subscription"
	"github.com/royalglow/booking/migrations"
	"github.com/royalglow/booking/projections"
)

// rounds is how often each figure is measured; the median counts.
const rounds = 5

// BenchmarkCatchUp takes read models over a log on disk, as an engine does that was away: in batches of what has arrived, each
// durable. The figure is a share of what the bare client drains of the same log in the same run.
func BenchmarkCatchUp(b *testing.B) {
	log := nodelog.New(b, nodelog.Size())
	for _, name := range []string{projections.BookingsName, projections.TimelineName} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				measure(b, log, func() float64 { return catchUp(b, log, name) })
			}
		})
	}
}

// BenchmarkRebuild builds read models from the whole log, beside nothing, until they can be read: rows, indexes and all.
func BenchmarkRebuild(b *testing.B) {
	log := nodelog.New(b, nodelog.Size())
	for _, kind := range databasetest.Kinds() {
		for _, name := range []string{projections.BookingsName, projections.TimelineName, "all"} {
			b.Run(kind.String()+"/"+name, func(b *testing.B) {
				for b.Loop() {
					measure(b, log, func() float64 { return build(b, log, kind, name) })
				}
			})
		}
	}
}

// measure reports the medians of several rounds: events a second, and the ratio to the bare client's.
func measure(b *testing.B, log *nodelog.Log, once func() float64) {
	b.Helper()
	var ratios, rates, raws []float64
	for range rounds {
		raw := log.Raw(b)
		rate := once()
		raws, rates, ratios = append(raws, raw), append(rates, rate), append(ratios, rate/raw)
	}
	b.ReportMetric(median(raws), "raw/s")
	b.ReportMetric(median(rates), "events/s")
	b.ReportMetric(median(ratios), "ratio")
	b.ReportMetric(0, "ns/op")
}

func median[T cmp.Ordered](values []T) T { return slices.Sorted(slices.Values(values))[len(values)/2] }

// durable opens a database that waits for the disk.
func durable(b *testing.B, kind database.Kind) *database.DB {
	b.Helper()
	return databasetest.OpenKind(b, kind, migrations.Engine)
}

func catchUp(b *testing.B, log *nodelog.Log, name string) float64 {
	b.Helper()
	m := unhurried(durable(b, database.SQLite))
	if err := m.Install(b.Context()); err != nil {
		b.Fatal(err)
	}
	p, err := m.ByName(name)
	if err != nil {
		b.Fatal(err)
	}
	ctx, stop := context.WithCancel(b.Context())
	defer stop()
	done := make(chan error, 1)
	began := time.Now()
	go func() {
		done <- p.Run(ctx, projections.Running{Source: subscription.FromStore(log.Store), Owner: "benchmark", Exclusive: true})
	}()
	if err := p.AtLeast(ctx, log.Head, nothing); err != nil {
		b.Fatal(err)
	}
	took := time.Since(began)
	stop()
	if err := <-done; err != nil {
		b.Fatal(err)
	}
	return float64(log.Events) / took.Seconds()
}

func build(b *testing.B, log *nodelog.Log, kind database.Kind, name string) float64 {
	b.Helper()
	db := durable(b, kind)
	if err := unhurried(db).Install(b.Context()); err != nil {
		b.Fatal(err)
	}
	// A later version is built from nothing, before anything of it can be read.
	m := unhurried(db)
	var built []*projections.Projection
	for _, p := range m.All() {
		p.SetVersion(1000)
		if name == "all" || p.Name() == name {
			built = append(built, p)
		}
	}
	if err := m.Install(b.Context()); err != nil {
		b.Fatal(err)
	}
	ctx, stop := context.WithCancel(b.Context())
	defer stop()
	done := make(chan error, len(built))
	began := time.Now()
	for _, p := range built {
		go func() {
			done <- p.Run(ctx, projections.Running{Source: subscription.FromStore(log.Store), Owner: "benchmark", Exclusive: true})
		}()
	}
	for _, p := range built {
		if err := p.AtLeast(ctx, log.Head, nothing); err != nil {
			b.Fatal(err)
		}
	}
	took := time.Since(began)
	stop()
	for range built {
		if err := <-done; err != nil {
			b.Fatal(err)
		}
	}
	return float64(log.Events) / took.Seconds()
}

// unhurried returns read models whose readers wait as long as it takes.
func unhurried(db *database.DB) *projections.Models {
	return projections.New(projections.Config{DB: db, StoreID: storeID, Wait: time.Hour})
}
