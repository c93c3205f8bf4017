package projections

import (
	"strings"

	"github.com/uptrace/bun"

	"github.com/royalglow/booking/domain"
	"github.com/royalglow/booking/internal/eventstore"
)

// owner says which stream the rows of a table follow from: the one whose name is the prefix and what the row has in the columns,
// joined by "_".
type owner struct {
	part    string // the table
	prefix  string
	columns []string
}

func ownedBy(part, prefix string, columns ...string) owner { return owner{part, prefix, columns} }

func (bookings) owned() []owner {
	of := domain.BookingStream("")
	return []owner{
		ownedBy("bookings", of, "booking_id"), ownedBy("booking_staff", of, "booking_id"), ownedBy("booking_notes", of, "booking_id"),
	}
}

func (timeline) owned() []owner {
	of := domain.BookingStream("")
	return []owner{ownedBy("timeline", of, "booking_id"), ownedBy("timeline_bookings", of, "booking_id")}
}

func (leaves) owned() []owner {
	return []owner{
		ownedBy("leaves", domain.LeaveStream(""), "leave_id"), ownedBy("leave_places", domain.LeaveStream(""), "leave_id"),
		ownedBy("leave_blocks", staffDays, "staff_id", "day"), ownedBy("leave_conflicts", staffDays, "staff_id", "day"),
	}
}

func (branches) owned() []owner {
	return []owner{
		ownedBy("branches", domain.BranchStream(""), "branch_id"),
		ownedBy("branch_services", domain.BranchStream(""), "branch_id"),
		ownedBy("branch_closures", domain.BranchStream(""), "branch_id"),
		ownedBy("branch_staff", domain.StaffStream(""), "staff_id"), ownedBy("staff", domain.StaffStream(""), "staff_id"),
	}
}

func (customers) owned() []owner {
	of := domain.CustomerStream("")
	return []owner{ownedBy("customers", of, "customer_id"), ownedBy("customer_counts", of, "customer_id")}
}

// staffDays is what the names of the members' days begin with.
const staffDays = "staffday-"

// stream names the stream that a row with these values in the columns follows from.
func (o owner) stream(values []string) string { return o.prefix + strings.Join(values, "_") }

// key finds the rows that follow from a stream; ok is false where none can.
func (o owner) key(stream string) (k keys, ok bool) {
	id, ok := strings.CutPrefix(stream, o.prefix)
	if !ok || id == "" {
		return k, false
	}
	if len(o.columns) == 1 {
		k.columns = o.columns[0]
		k.add(id)
		return k, true
	}
	// Ids have an underscore, dates have none.
	at := strings.LastIndexByte(id, '_')
	if at < 0 {
		return k, false
	}
	k.columns = "(" + strings.Join(o.columns, ", ") + ")"
	k.add(id[:at], id[at+1:])
	return k, true
}

// unit is the least of a read model that can be folded anew by itself: the rows that follow from one stream.
type unit struct {
	stream string
	rows   []ownedRows
}

// ownedRows are rows of one table.
type ownedRows struct {
	part string
	keys keys
}

// unitOf returns what follows from a stream; ok is false where nothing does.
func unitOf(m model, stream string) (u unit, ok bool) {
	u.stream = stream
	for _, o := range m.owned() {
		if k, ok := o.key(stream); ok {
			u.rows = append(u.rows, ownedRows{part: o.part, keys: k})
		}
	}
	return u, len(u.rows) > 0
}

// table returns where the rows are in a generation.
func (r ownedRows) table(s spec) bun.Ident { return s.table(r.part) }

// joint is a read model some of whose rows follow from a stream, which heads them, and from parts of others.
type joint interface {
	// heads names the streams that head the rows which events of another stream have a part in. ok is false where the read model
	// does not use that stream.
	heads(stream string, events []eventstore.Recorded) (names []string, ok bool)
	// feeds names the other streams which have a part in the rows that a stream heads.
	feeds(events []eventstore.Recorded) []string
	// concerns reports whether an event has a part in the rows that a stream heads.
	concerns(head string, e eventstore.Recorded) bool
}
