package publishers

import "github.com/royalglow/booking/domain"

// Directory is what is known, at the time of publishing, of the people and the words that events hold as ids and sealed
// texts. The zero Directory knows nothing: a message never waits for a name.
type Directory struct {
	// Names maps ids of users and staff to the names to show. An id that is missing shows as "".
	Names map[string]string
	// Texts maps the ids of keys to the texts that they open: the words of notes and the names of guests. A note without its
	// text shows as "removed", a guest without a name as "".
	Texts map[string]string
	// Unread says that Texts is not all there is: the keys could not be asked for. A note that is missing may be there, and
	// those who would see it are told to read again.
	Unread bool
}

// removed is what stands for the text of a note that nobody can open: as a rule because it was redacted.
const removed = "removed"

func (d Directory) note(body domain.Sealed) string {
	if text, ok := d.Texts[body.KeyID]; ok {
		return text
	}
	return removed
}

// knows reports whether the note's text is known, or known to be gone.
func (d Directory) knows(body domain.Sealed) bool {
	_, ok := d.Texts[body.KeyID]
	return ok || !d.Unread
}

// customer returns the name of a booking's customer: from his account, or that of a guest.
func (d Directory) customer(ref domain.BookingRef) string {
	if ref.CustomerID == "" && ref.GuestName != nil {
		return d.Texts[ref.GuestName.KeyID]
	}
	return d.Names[ref.CustomerID]
}

// staff returns the name of a member; nil when it is nobody, which JSON shows as null. A name that is not known is not nil.
func (d Directory) staff(staffID string) *string {
	if staffID == "" {
		return nil
	}
	name := d.Names[staffID]
	return &name
}
