package esdbnode_test

import (
	"fmt"
	"math"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"

	"github.com/royalglow/booking/internal/esdbnode"
)

func revisions(evs []*esdb.RecordedEvent) []uint64 {
	out := []uint64{}
	for _, e := range evs {
		out = append(out, e.EventNumber)
	}
	return out
}

func TestReadingAStream(t *testing.T) {
	n := startNode(t, esdbnode.Config{})
	n.append(t, "other", esdb.NoStream{}, events(3)...)
	n.append(t, "s", esdb.NoStream{}, events(5)...)
	for _, tc := range []struct {
		name  string
		opts  esdb.ReadStreamOptions
		count uint64
		want  []uint64
	}{
		{"forwards from the start", esdb.ReadStreamOptions{}, 10, []uint64{0, 1, 2, 3, 4}},
		{"forwards with a count", esdb.ReadStreamOptions{}, 2, []uint64{0, 1}},
		{"forwards without limit", esdb.ReadStreamOptions{}, math.MaxUint64, []uint64{0, 1, 2, 3, 4}},
		{"forwards from a revision", esdb.ReadStreamOptions{From: esdb.Revision(3)}, 10, []uint64{3, 4}},
		{"forwards from behind the end", esdb.ReadStreamOptions{From: esdb.Revision(5)}, 10, []uint64{}},
		{"forwards from the end", esdb.ReadStreamOptions{From: esdb.End{}}, 10, []uint64{}},
		{"backwards from the end", esdb.ReadStreamOptions{Direction: esdb.Backwards, From: esdb.End{}}, 10, []uint64{4, 3, 2, 1, 0}},
		{"backwards with a count", esdb.ReadStreamOptions{Direction: esdb.Backwards, From: esdb.End{}}, 1, []uint64{4}},
		{"backwards from a revision", esdb.ReadStreamOptions{Direction: esdb.Backwards, From: esdb.Revision(1)}, 10, []uint64{1, 0}},
		{"backwards from behind the end", esdb.ReadStreamOptions{Direction: esdb.Backwards, From: esdb.Revision(99)}, 2, []uint64{4, 3}},
		{"backwards from the start", esdb.ReadStreamOptions{Direction: esdb.Backwards, From: esdb.Start{}}, 10, []uint64{0}},
		{"nothing", esdb.ReadStreamOptions{}, 0, []uint64{}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			evs, err := n.read(t, "s", tc.opts, tc.count)
			if err != nil || !slices.Equal(revisions(evs), tc.want) {
				t.Fatalf("read %v, %v; want %v", revisions(evs), err, tc.want)
			}
		})
	}
	_, err := n.read(t, "absent", esdb.ReadStreamOptions{}, 1)
	wantCode(t, err, esdb.ErrorCodeResourceNotFound)
}

func TestAnEventComesBackAsItWasWritten(t *testing.T) {
	now := time.Date(2026, 3, 29, 1, 30, 0, 123_456_700, time.UTC)
	n := startNode(t, esdbnode.Config{Clock: func() time.Time { return now }})
	in := []esdb.EventData{event("booked", `{"a":1}`), event("raw", "")}
	in[0].Metadata = []byte(`{"m":true}`)
	in[1].ContentType, in[1].Data = esdb.ContentTypeBinary, []byte{0, 255, 0}
	n.append(t, "größe 🙂", esdb.NoStream{}, in...)
	out, err := n.read(t, "größe 🙂", esdb.ReadStreamOptions{}, 10)
	if err != nil || len(out) != 2 {
		t.Fatal(len(out), err)
	}
	for i, e := range out {
		content := []string{"application/json", "application/octet-stream"}[i]
		if e.EventID != in[i].EventID || e.EventType != in[i].EventType || e.ContentType != content ||
			string(e.Data) != string(in[i].Data) || string(e.UserMetadata) != string(in[i].Metadata) ||
			!e.CreatedDate.Equal(now) || e.StreamID != "größe 🙂" || e.EventNumber != uint64(i) {
			t.Errorf("event %d came back as %+v", i, e)
		}
	}
	if out[0].Position.Commit >= out[1].Position.Commit || out[0].Position.Commit != out[0].Position.Prepare {
		t.Errorf("positions are %v and %v", out[0].Position, out[1].Position)
	}
}

func TestReadingTheLog(t *testing.T) {
	n := startNode(t, esdbnode.Config{})
	if evs := n.readAll(t, esdb.ReadAllOptions{}, 10); len(evs) != 0 {
		t.Fatalf("an empty log shows %d events", len(evs))
	}
	const total = 600 // more than two pages
	for i := range total / 4 {
		n.append(t, fmt.Sprintf("s-%d", i%7), esdb.Any{}, events(4)...)
	}
	all := n.readAll(t, esdb.ReadAllOptions{}, math.MaxUint64)
	if len(all) != total {
		t.Fatalf("the log shows %d events, want %d", len(all), total)
	}
	back := n.readAll(t, esdb.ReadAllOptions{Direction: esdb.Backwards, From: esdb.End{}}, math.MaxUint64)
	for i, e := range all {
		if i > 0 && e.Position.Commit <= all[i-1].Position.Commit {
			t.Fatalf("position %d follows %d", e.Position.Commit, all[i-1].Position.Commit)
		}
		if back[total-1-i].EventID != e.EventID {
			t.Fatalf("event %d differs backwards", i)
		}
	}
	at := all[300].Position
	if got := n.readAll(t, esdb.ReadAllOptions{From: at}, 2); got[0].EventID != all[300].EventID || len(got) != 2 {
		t.Fatalf("forwards from a position begins with event %v", got[0])
	}
	if got := n.readAll(t, esdb.ReadAllOptions{From: at, Direction: esdb.Backwards}, 2); got[0].EventID != all[299].EventID {
		t.Fatalf("backwards from a position begins with %v", got[0])
	}
	for _, bad := range []uint64{1, at.Commit + 1, math.MaxInt64} {
		rs, err := n.client.ReadAll(t.Context(), esdb.ReadAllOptions{From: esdb.Position{Commit: bad, Prepare: bad}}, 1)
		if err == nil {
			_, err = drain(rs)
		}
		if err == nil {
			t.Errorf("position %d, which is no event's, was accepted", bad)
		}
	}
}

func TestMetadataLimitsWhatAStreamShows(t *testing.T) {
	var elapsed atomic.Int64
	n := startNode(t, esdbnode.Config{Clock: func() time.Time {
		return time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(elapsed.Load()))
	}})
	set := func(stream string, change func(*esdb.StreamMetadata)) {
		t.Helper()
		meta := esdb.StreamMetadata{}
		change(&meta)
		if _, err := n.client.SetStreamMetadata(t.Context(), stream, esdb.AppendToStreamOptions{}, meta); err != nil {
			t.Fatal(err)
		}
	}
	expect := func(stream string, want ...uint64) {
		t.Helper()
		evs, err := n.read(t, stream, esdb.ReadStreamOptions{}, 100)
		back, err2 := n.read(t, stream, esdb.ReadStreamOptions{Direction: esdb.Backwards, From: esdb.End{}}, 100)
		slices.Reverse(back)
		if err != nil || err2 != nil || !slices.Equal(revisions(evs), want) || !slices.Equal(revisions(back), want) {
			t.Fatalf("%s shows %v (backwards %v), %v %v; want %v", stream, revisions(evs), revisions(back), err, err2, want)
		}
	}
	for _, s := range []string{"count", "tb", "age"} {
		n.append(t, s, esdb.NoStream{}, events(5)...)
	}
	set("count", func(m *esdb.StreamMetadata) { m.SetMaxCount(2) })
	expect("count", 3, 4)
	n.append(t, "count", esdb.Any{}, events(1)...)
	expect("count", 4, 5)

	set("tb", func(m *esdb.StreamMetadata) { m.SetTruncateBefore(3); m.AddCustomProperty("note", "kept") })
	expect("tb", 3, 4)
	set("tb", func(m *esdb.StreamMetadata) { m.SetTruncateBefore(99) })
	expect("tb") // all truncated: empty, not missing

	set("age", func(m *esdb.StreamMetadata) { m.SetMaxAge(10 * time.Second) })
	expect("age", 0, 1, 2, 3, 4)
	elapsed.Add(int64(8 * time.Second))
	n.append(t, "age", esdb.Any{}, events(1)...)
	elapsed.Add(int64(8 * time.Second))
	expect("age", 5)
	elapsed.Add(int64(time.Hour))
	expect("age")

	meta, err := n.client.GetStreamMetadata(t.Context(), "count", esdb.ReadStreamOptions{Direction: esdb.Backwards, From: esdb.End{}})
	if err != nil || *meta.MaxCount() != 2 {
		t.Fatalf("metadata is %+v, %v", meta, err)
	}
}

func TestLinksAreResolvedOnDemand(t *testing.T) {
	n := startNode(t, esdbnode.Config{})
	n.append(t, "target", esdb.NoStream{}, event("first", "{}"), event("second", "{}"))
	link := func(to string) esdb.EventData {
		return esdb.EventData{EventID: event("", "").EventID, EventType: "$>", ContentType: esdb.ContentTypeBinary, Data: []byte(to)}
	}
	n.append(t, "links", esdb.NoStream{}, link("1@target"), link("7@target"), link("0@absent"), link("nonsense"))
	rs, err := n.client.ReadStream(t.Context(), "links", esdb.ReadStreamOptions{ResolveLinkTos: true}, 10)
	if err != nil {
		t.Fatal(err)
	}
	defer rs.Close()
	for i := range 4 {
		ev, err := rs.Recv()
		if err != nil || ev.Link == nil || ev.Link.EventNumber != uint64(i) {
			t.Fatalf("link %d came as %+v, %v", i, ev, err)
		}
		if resolved := ev.Event != nil; resolved != (i == 0) || resolved && ev.Event.EventType != "second" {
			t.Fatalf("link %d resolves to %+v", i, ev.Event)
		}
	}
}
