package commands_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"github.com/google/uuid"

	"github.com/royalglow/booking/commands"
	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/esdbnode/nodetest"
	"github.com/royalglow/booking/internal/eventstore"
)

const (
	benchWriters = 64
	benchRounds  = 5
	benchStaff   = 20
	benchDays    = 4
	benchSlots   = 16 // of half an hour, on each day
)

// BenchmarkCommands issues commands from 64 writers over 1280 bookings, on an embedded node through the real client, and compares
// the appends that they make with what the bare client appends to the same node in the same round: events of the same size, from as
// many writers, each to a stream of its own. It reports medians of five rounds.
//
// A request makes two appends, of the claim and of the booking; an approval with the same staff one. In the mix each booking gets
// one more command: of ten, two are moved (three appends), one is given to another member (three), two are cancelled (two), two get
// a note, and three have their duration changed (three).
func BenchmarkCommands(b *testing.B) {
	for range b.N {
		rounds := make([]benchRound, benchRounds)
		for i := range rounds {
			rounds[i] = runBenchRound(b)
		}
		report := func(unit string, of func(benchRound) float64) {
			figures := make([]float64, len(rounds))
			for i, r := range rounds {
				figures[i] = of(r)
			}
			slices.Sort(figures)
			b.ReportMetric(figures[len(figures)/2], unit)
		}
		report("raw/s", func(r benchRound) float64 { return r.raw })
		report("request/s", func(r benchRound) float64 { return r.request })
		report("approve/s", func(r benchRound) float64 { return r.approve })
		report("mixed/s", func(r benchRound) float64 { return r.mixed })
		report("request-ratio", func(r benchRound) float64 { return r.request / r.raw })
		report("approve-ratio", func(r benchRound) float64 { return r.approve / r.raw })
		report("mixed-ratio", func(r benchRound) float64 { return r.mixed / r.raw })
	}
	b.ReportMetric(0, "ns/op")
}

// benchRound is appends a second.
type benchRound struct{ raw, request, approve, mixed float64 }

func runBenchRound(b *testing.B) (r benchRound) {
	b.Helper()
	bench := openBench(b)
	r.request = bench.commands(bench.request)
	size := bench.eventSize()
	early := bench.raw(size)
	r.approve = bench.commands(bench.approve)
	r.mixed = bench.commands(bench.mixed)
	r.raw = (early + bench.raw(size)) / 2
	return r
}

// bench is a salon on an embedded node, with a place for each booking.
type bench struct {
	tb     testing.TB
	s      *salon
	store  *countingStore
	client *esdb.Client
	staff  []string
	first  time.Time
	booked []commands.Receipt // by place
	raws   int
}

// countingStore counts appends that succeed.
type countingStore struct {
	*eventstore.Store
	appends atomic.Int64
}

// Append counts.
func (s *countingStore) Append(ctx context.Context, a eventstore.Append) (eventstore.Appended, error) {
	done, err := s.Store.Append(ctx, a)
	if err == nil {
		s.appends.Add(1)
	}
	return done, err
}

func openBench(tb testing.TB) *bench {
	tb.Helper()
	socket := nodetest.StartSocket(tb)
	store, err := eventstore.Open(eventstore.Config{Socket: socket})
	if err != nil {
		tb.Fatal(err)
	}
	tb.Cleanup(func() { _ = store.Close() })
	n := &bench{
		tb: tb, store: &countingStore{Store: store}, client: dialBench(tb, socket),
		first:  time.Date(2026, 6, 16, 6, 0, 0, 0, time.UTC),
		booked: make([]commands.Receipt, benchStaff*benchDays*benchSlots),
	}
	n.s = newSalon(tb, func(c *commands.Config) { c.Store, c.Jitter = n.store, nil })
	for i := range benchStaff {
		n.staff = append(n.staff, fmt.Sprintf("stf_bench%03d", i))
		_, err := n.s.JoinStaff(tb.Context(), owner, n.s.key(), commands.JoinStaff{BranchID: branch, StaffID: n.staff[i]})
		n.s.must(err)
	}
	return n
}

// place is whose time the i-th booking takes, and when. Neighbours in the order are far from each other.
func (n *bench) place(i int) (staffID string, at time.Time) {
	day, slot := i/benchStaff%benchDays, i/benchStaff/benchDays
	return n.staff[i%benchStaff], n.first.AddDate(0, 0, day).Add(time.Duration(slot) * 30 * time.Minute)
}

// commands lets 64 writers run a command for each booking and returns how many appends they made a second.
func (n *bench) commands(issue func(i int) error) float64 {
	n.tb.Helper()
	before, began := n.store.appends.Load(), time.Now()
	n.each(len(n.booked), issue)
	return float64(n.store.appends.Load()-before) / time.Since(began).Seconds()
}

// each shares numbers out among the writers.
func (n *bench) each(count int, do func(i int) error) {
	n.tb.Helper()
	var next atomic.Int64
	var writers sync.WaitGroup
	for range benchWriters {
		writers.Go(func() {
			for i := int(next.Add(1)) - 1; i < count; i = int(next.Add(1)) - 1 {
				if err := do(i); err != nil {
					n.tb.Errorf("command %d: %v", i, err)
					return
				}
			}
		})
	}
	writers.Wait()
}

func (n *bench) request(i int) (err error) {
	staffID, at := n.place(i)
	who := commands.Caller{UserID: fmt.Sprintf("usr_bench%05d", i), Role: domain.RoleCustomer}
	n.booked[i], err = n.s.request(who, staffID, at)
	return err
}

func (n *bench) approve(i int) (err error) {
	n.booked[i], err = n.s.ApproveBooking(n.tb.Context(), desk, n.s.seen(n.booked[i]), commands.ApproveBooking{BookingID: n.booked[i].ID})
	return err
}

// mixed does to each booking what the benchmark's comment says. Who moves or gives a booking away goes where nobody else goes.
func (n *bench) mixed(i int) (err error) {
	ctx, id, o := n.tb.Context(), n.booked[i].ID, n.s.seen(n.booked[i])
	_, at := n.place(i)
	switch i / benchStaff % 10 { // by hand of all members alike
	case 0, 1:
		_, err = n.s.RescheduleBooking(ctx, desk, o, commands.RescheduleBooking{
			BookingID: id, Start: commands.Start{StartAt: at.AddDate(0, 0, benchDays)},
		})
	case 2:
		_, err = n.s.AssignStaff(ctx, desk, o, commands.AssignStaff{
			BookingID: id, SegmentID: domain.SegmentID(0), StaffID: n.staff[(i+1)%benchStaff],
		})
		if isRefusal(err, domain.CodeSlotUnavailable) {
			err = nil // the neighbour has been faster: that is life, and makes no append that counts
		}
	case 3, 4:
		_, err = n.s.CancelBooking(ctx, desk, o, commands.CancelBooking{BookingID: id, ReasonCode: "equipment"})
	case 5, 6:
		_, err = n.s.AddNote(ctx, desk, o, commands.AddNote{BookingID: id, Note: "prefers tea"})
	default:
		_, err = n.s.ChangeDuration(ctx, desk, o, commands.ChangeDuration{
			BookingID: id, SegmentID: domain.SegmentID(0), Minutes: 20,
		})
	}
	return err
}

// eventSize is what the booking events weigh that the requests have appended, data and metadata together, in bytes.
func (n *bench) eventSize() int {
	n.tb.Helper()
	sum, count := 0, 0
	for _, r := range n.booked[:100] {
		stream, err := n.client.ReadStream(n.tb.Context(), domain.BookingStream(r.ID), esdb.ReadStreamOptions{From: esdb.Start{}}, 10)
		n.s.must(err)
		for e, err := stream.Recv(); err == nil; e, err = stream.Recv() {
			sum, count = sum+len(e.Event.Data)+len(e.Event.UserMetadata), count+1
		}
		stream.Close()
	}
	return sum / count
}

// raw lets 64 writers append with the bare client, each to a stream of its own at exact revisions.
func (n *bench) raw(size int) float64 {
	n.tb.Helper()
	n.raws++
	body := []byte(`{"x":"` + strings.Repeat("y", size-8) + `"}`)
	const perWriter = 40
	began := time.Now()
	var writers sync.WaitGroup
	for w := range benchWriters {
		writers.Go(func() {
			var at esdb.ExpectedRevision = esdb.NoStream{}
			for range perWriter {
				res, err := n.client.AppendToStream(context.Background(), fmt.Sprintf("raw%d-%d", n.raws, w),
					esdb.AppendToStreamOptions{ExpectedRevision: at}, esdb.EventData{
						EventID: uuid.New(), EventType: "raw", ContentType: esdb.ContentTypeJson, Data: body,
					})
				if err != nil {
					n.tb.Errorf("raw append: %v", err)
					return
				}
				at = esdb.Revision(res.NextExpectedVersion)
			}
		})
	}
	writers.Wait()
	return benchWriters * perWriter / time.Since(began).Seconds()
}
