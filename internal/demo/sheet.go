package demo

import (
	"context"
	"maps"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/eventstore"
)

// sheet is one booking that somebody has opened.
type sheet struct {
	Status      domain.Status
	Date, Start string            // on the branch's clocks
	Work        map[string]work   // the services, by segment
	Notes       map[string]string // those that the reader may see, by id
}

// work is a service as anybody may see it.
type work struct {
	Name    string
	Minutes int
}

// removedNote stands for the text of a note that has been removed.
const removedNote = "removed"

// sheetData is what messages about one booking may have.
type sheetData struct {
	NewDate      string `json:"newDate"`
	NewStartTime string `json:"newStartTime"`
	SegmentID    string `json:"segmentId"`
	Minutes      int    `json:"durationMinutes"` // to everybody
	ToMinutes    int    `json:"toMinutes"`       // within the salon
	Service      struct {
		SegmentID string `json:"segmentId"`
		Name      string `json:"name"`
		Minutes   int    `json:"durationMinutes"`
	} `json:"service"`
	NoteID string `json:"noteId"`
	Note   string `json:"note"`
}

// foldSheet keeps the page of one booking up to date. It is read before it is told of anything, and told everything in full,
// but for the name of a service that takes another time, which is on the page already.
func foldSheet(s sheet, n note) (sheet, verdict) {
	d := more[sheetData](n)
	switch n.Name {
	case "status.changed":
		s.Status = n.ToStatus
	case "booking.rescheduled":
		s.Date, s.Start = d.NewDate, d.NewStartTime
	case "service.added":
		s.Work = put(s.Work, d.Service.SegmentID, work{d.Service.Name, d.Service.Minutes})
	case "service.removed":
		s.Work = maps.Clone(s.Work)
		delete(s.Work, d.SegmentID)
	case "booking.updated":
		longer := s.Work[d.SegmentID]
		longer.Minutes = d.Minutes + d.ToMinutes // one of them
		s.Work = put(s.Work, d.SegmentID, longer)
	case "note.added":
		s.Notes = put(s.Notes, d.NoteID, d.Note)
	case "note.removed":
		s.Notes = put(s.Notes, d.NoteID, removedNote)
	default: // staff.changed, segment.started, segment.finished: the page shows no names and no times of work
		return s, aside
	}
	return s, shows
}

// put returns the map with one more entry; the old one stays as it is.
func put[K comparable, V any](m map[K]V, k K, v V) map[K]V {
	m = maps.Clone(m)
	if m == nil {
		m = map[K]V{}
	}
	m[k] = v
	return m
}

// newSheet makes the page of a booking, as the reader hears of it on the channel.
func (t *town) newSheet(reader *person, channel, bookingID string) *ledger[sheet] {
	l := newLedger(only(channel), foldSheet)
	l.one = func(ctx context.Context, k key, lowest eventstore.Position) (reading[sheet], bool, error) {
		v, err := t.openBooking(ctx, reader, k.entity, lowest)
		return reading[sheet]{v.sheet(channel), v.at}, v.Status != domain.StatusNone, err
	}
	l.all = func(ctx context.Context) (map[key]reading[sheet], eventstore.Position, error) {
		k := key{channel, bookingID}
		now, there, err := l.one(ctx, k, publishedPosition)
		if !there {
			return nil, now.at, err
		}
		return map[key]reading[sheet]{k: now}, now.at, err
	}
	return l
}

// sheet shows a booking as its own page does that hears of it on the channel.
func (v bookingView) sheet(channel string) sheet {
	s := sheet{Status: v.Status, Date: v.LocalDate, Start: v.LocalStart, Work: map[string]work{}, Notes: map[string]string{}}
	for _, g := range v.Segments {
		s.Work[g.SegmentID] = work{g.ServiceName, g.DurationMinutes}
	}
	for _, n := range v.Notes {
		if channel == bookingChannel(v.ID) && n.Visibility == domain.VisibleInternal {
			continue // the salon hears of it on a channel of its own
		}
		s.Notes[n.NoteID] = removedNote
		if n.Text != nil {
			s.Notes[n.NoteID] = *n.Text
		}
	}
	return s
}
